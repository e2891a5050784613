//! What hostile submissions do, and what is said of it. Everything here is bounded, should the limits fail: at most 100
//! processes or threads, 1 GB, 20 seconds.

/// A name, the verdict, a word of the reason (either may be left open), and the body of the exercise's function.
///
/// `SOLUTION`, `RESULTS` and `PART` stand for paths, `PORT` for that of a server which waits for calls. A first line `#![…]`
/// goes before everything. Whoever gets through says so.
pub(crate) const ATTACKS: &[[&str; 4]] = &[
    [
        "prints-a-verdict",
        "wrong",
        "",
        r#"println!("correct\n{{\"verdict\":\"correct\",\"points\":3}}\nanswer-0000000000000000-1 {{\"Ok\":0}}");
           eprintln!("test result: ok"); f64::NAN"#,
    ],
    ["leaves-early", "ended the program", "exit status 0", "std::process::exit(0)"],
    ["aborts", "ended the program", "signal", "std::process::abort()"],
    [
        "writes-the-results",
        "wrong",
        "",
        r#"for file in [RESULTS, PART, "points.json", "/tmp/points.json"] {
               if std::fs::write(file, "100 points").is_ok() { panic!("got through") }
           } 0.25"#,
    ],
    [
        "reads-the-solution",
        "wrong",
        "",
        r#"for file in [SOLUTION, "/etc/passwd", "src/lib.rs", "../src/lib.rs"] {
               if std::fs::read(file).is_ok() { panic!("got through") }
           } 0.25"#,
    ],
    [
        "includes-the-solution-as-text",
        "does not compile",
        "couldn't read",
        "include_str!(SOLUTION).len() as f64",
    ],
    [
        "includes-the-solution-as-code",
        "does not compile",
        "",
        "stolen::full_covariance_kl(mean, covariance) }\n#[path = SOLUTION] mod stolen;\nfn _f() {",
    ],
    [
        "calls-the-solution",
        "uses the course's code",
        "`solutions`",
        "solutions::ch06::full_covariance_kl(mean, covariance)",
    ],
    [
        "calls-the-chapter",
        "uses the course's code",
        "`ch06_gaussian_kl`",
        "ch06_gaussian_kl::full::kl(mean, covariance)",
    ],
    [
        "imports-the-checks",
        "uses the course's code",
        "`lab_checks`",
        "use lab_checks::labs; labs().len() as f64",
    ],
    [
        "looks-for-the-checker",
        "wrong",
        "",
        r#"let seen = std::env::vars_os().count() + std::env::args_os().count() - 1;
           if seen > 0 || std::fs::read_dir("..").is_ok() { panic!("got through") } 0.25"#,
    ],
    [
        "reads-the-questions",
        "too slow",
        "",
        "let mut line = String::new(); let _ = std::io::stdin().read_line(&mut line); 0.25",
    ],
    [
        "spins",
        "too slow",
        "",
        "let begin = std::time::Instant::now(); while begin.elapsed().as_secs() < 20 {} 0.25",
    ],
    [
        "takes-all-memory",
        "ended the program",
        "signal",
        r#"let mut kept = Vec::new(); while kept.len() < 64 { kept.push(vec![0_u8; 1 << 24]); }
           panic!("got through")"#,
    ],
    [
        "recurses-without-end",
        "ended the program",
        "signal",
        "fn deeper(n: u64) -> u64 { std::hint::black_box([n; 64])[0] + deeper(n + 1) + 1 } deeper(0) as f64",
    ],
    [
        "forks",
        "wrong",
        "",
        r#"for _ in 0..100 {
               if std::process::Command::new("/bin/sleep").arg("5").spawn().is_ok() { panic!("got through") }
           } 0.25"#,
    ],
    [
        "becomes-a-shell",
        "wrong",
        "",
        r#"use std::os::unix::process::CommandExt;
           let _ = std::process::Command::new("/bin/sh").args(["-c", "kill -9 -1"]).exec(); 0.25"#,
    ],
    [
        "starts-threads-without-end",
        "", // out of time or out of memory, whichever comes first
        "",
        "let mut threads = Vec::new();
         for _ in 0..100_000 {
             let begin = std::time::Instant::now();
             let spin = move || while begin.elapsed().as_secs() < 20 {};
             match std::thread::Builder::new().spawn(spin) {
                 Ok(thread) => threads.push(thread),
                 Err(_) => break,
             }
         }
         for thread in threads { let _ = thread.join(); }
         0.25",
    ],
    [
        "calls-home",
        "wrong",
        "",
        r#"if std::net::TcpStream::connect(("127.0.0.1", PORT)).is_ok()
               || std::net::UdpSocket::bind("127.0.0.1:0").is_ok() { panic!("got through") } 0.25"#,
    ],
    ["floods", "", "", r#"for _ in 0..1 << 22 { println!("{:064}", 0) } 0.25"#],
    [
        "computes-for-ever-at-compile-time",
        "compiling takes too long",
        "",
        "#![allow(long_running_const_eval)]
         const ENDLESS: u64 = { let mut i = 1_u64; while i != 0 { i += 2 } i }; ENDLESS as f64",
    ],
    [
        "is-unsafe",
        "does not compile",
        "unsafe",
        "unsafe { std::ptr::null::<f64>().read_volatile() }",
    ],
    [
        "allows-itself-to-be-unsafe",
        "does not compile",
        "unsafe_code",
        "#![allow(unsafe_code)]
         unsafe { std::ptr::null::<f64>().read_volatile() }",
    ],
    [
        "is-unsafe-in-small",
        "does not compile",
        "unsafe_code",
        "#[allow(unsafe_code)] unsafe { 0.25 }",
    ],
    [
        "answers-differently-each-time",
        "not deterministic",
        "",
        "f64::from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos())",
    ],
];

/// Attacks that a machine without Landlock does not hold off. The grader says so there, and they get no points.
pub(crate) const ON_FILES: [&str; 6] = [
    "writes-the-results",
    "reads-the-solution",
    "includes-the-solution-as-text",
    "includes-the-solution-as-code",
    "looks-for-the-checker",
    "becomes-a-shell",
];
