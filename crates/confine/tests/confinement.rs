//! What a confined program cannot do. This program plays all the parts: it is the tests, the launcher, and the program
//! that misbehaves. Whatever a misbehaviour would use up without limits is bounded: 100 processes or threads, 1 GB, 20 s.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use confine::{Bounds, End, Ended, Launcher, Patience, watch};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match arguments.first().and_then(|first| first.to_str()) {
        Some("enter") => {
            eprintln!("{}", confine::enter(&arguments[1..]));
            ExitCode::from(125)
        }
        Some("misbehave") => {
            let words: Vec<&str> = arguments[1..].iter().filter_map(|word| word.to_str()).collect();
            misbehave(&words);
            ExitCode::SUCCESS
        }
        Some("orphan") => {
            let own = std::env::current_exe().expect("this program");
            let launcher = Launcher { program: own.clone(), arguments: vec!["enter".into()] };
            let mut command = bounds(true).command(&launcher, &own);
            command.args(["misbehave", "spin"]).stdout(Stdio::null());
            let mut child = command.spawn().expect("a process");
            println!("{}", child.id());
            std::thread::sleep(Duration::from_secs(20));
            let _ = child.wait();
            ExitCode::SUCCESS
        }
        _ => tests(),
    }
}

/// Tries something and prints whether it worked.
fn misbehave(words: &[&str]) {
    let begin = Instant::now();
    let worked = match words {
        ["compute"] => (1..100).sum::<u64>() == 4950 && vec![1_u8; 1 << 20].len() == 1 << 20,
        ["read", file] => fs::read(file).is_ok(),
        ["write", file] => fs::write(file, "points: 100").is_ok(),
        ["list", folder] => fs::read_dir(folder).is_ok(),
        ["run"] => Command::new("/bin/true").status().is_ok(),
        ["fork", count] => {
            (0..count.parse().unwrap_or(100))
                .filter(|_| Command::new("/bin/sleep").arg("15").spawn().is_ok())
                .count()
                > 0
        }
        ["threads"] => {
            let half = || std::thread::Builder::new().spawn(|| (1..=50).sum::<u64>()).ok();
            let sums = (0..2).filter_map(|_| half()?.join().ok());
            sums.sum::<u64>() == 2 * 1275
        }
        ["network"] => {
            TcpListener::bind("127.0.0.1:0").is_ok() || UdpSocket::bind("127.0.0.1:0").is_ok()
        }
        ["connect", address] => TcpStream::connect(address).is_ok(),
        ["spin"] => {
            while begin.elapsed() < Duration::from_secs(20) {}
            true
        }
        ["sleep"] => {
            std::thread::sleep(Duration::from_secs(20));
            true
        }
        ["allocate"] => {
            let mut kept: Vec<Vec<u8>> = Vec::new();
            while kept.len() < 16 {
                kept.push(vec![1; 1 << 26]);
            }
            true
        }
        ["flood"] => {
            let line = [b'x'; 1 << 16];
            let mut out = std::io::stdout();
            let mut written = 0;
            while written < 1 << 28 && out.write_all(&line).is_ok() {
                written += line.len();
            }
            true
        }
        ["panic"] => panic!("as planned"),
        ["environment"] => std::env::vars_os().count() > 0,
        _ => false,
    };
    println!("{}", if worked { "worked" } else { "refused" });
}

fn bounds(alone: bool) -> Bounds {
    let own = std::env::current_exe().expect("this program");
    let system =
        ["/lib", "/lib64", "/usr/lib", "/usr/bin", "/bin", "/etc/ld.so.cache", "/proc/self"];
    Bounds {
        seconds: 5,
        memory: 1 << 29,
        file: 1 << 20,
        readable: system.iter().map(PathBuf::from).chain([own]).collect(),
        writable: Vec::new(),
        alone,
    }
}

fn run_in(bounds: &Bounds, words: &[&str]) -> Ended {
    run_for(Duration::from_secs(15), bounds, words)
}

fn run_for(time: Duration, bounds: &Bounds, words: &[&str]) -> Ended {
    let own = std::env::current_exe().expect("this program");
    let launcher = Launcher { program: own.clone(), arguments: vec!["enter".into()] };
    let mut command = bounds.command(&launcher, &own);
    command.arg("misbehave").args(words);
    let patience = Patience { time, output: 1 << 16 };
    watch(&mut command, patience).expect("a process")
}

#[track_caller]
fn says(ended: &Ended, word: &str) {
    assert_eq!(ended.stdout.trim(), word, "{ended:?}");
}

fn tests() -> ExitCode {
    let trials = vec![
        Trial::test("it_can_compute", || {
            for alone in [false, true] {
                let ended = run_in(&bounds(alone), &["compute"]);
                assert!(matches!(ended.end, End::Exited(status) if status.success()), "{ended:?}");
                says(&ended, "worked");
            }
            Ok(())
        }),
        Trial::test("it_sees_no_environment", || {
            says(&run_in(&bounds(true), &["environment"]), "refused");
            Ok(())
        }),
        Trial::test("it_can_panic_and_be_understood", || {
            let ended = run_in(&bounds(true), &["panic"]);
            assert!(ended.stderr.contains("as planned"), "{ended:?}");
            assert!(matches!(ended.end, End::Exited(status) if status.code() == Some(101)));
            Ok(())
        }),
        Trial::test("one_that_takes_too_long_is_killed", || {
            for what in ["spin", "sleep"] {
                let begin = Instant::now();
                let ended = run_for(Duration::from_secs(1), &bounds(true), &[what]);
                assert_eq!(ended.end, End::TooSlow, "{what}");
                assert!(begin.elapsed() < Duration::from_secs(10), "{what}");
            }
            Ok(())
        }),
        Trial::test("one_that_says_too_much_is_killed", || {
            let ended = run_in(&bounds(true), &["flood"]);
            assert_eq!(ended.end, End::TooLoud);
            assert_eq!(ended.stdout.len(), 1 << 16);
            Ok(())
        }),
        Trial::test("processor_time_is_limited", || {
            if cfg!(unix) {
                let ended = run_in(&Bounds { seconds: 1, ..bounds(true) }, &["spin"]);
                assert!(matches!(ended.end, End::Exited(status) if !status.success()), "{ended:?}");
            }
            Ok(())
        }),
        Trial::test("memory_is_limited", || {
            if cfg!(target_os = "linux") {
                let ended = run_in(&bounds(true), &["allocate"]);
                assert!(matches!(ended.end, End::Exited(status) if !status.success()), "{ended:?}");
                assert!(ended.stderr.contains("memory allocation"), "{ended:?}");
            }
            Ok(())
        }),
        Trial::test("files_are_out_of_reach", files),
        Trial::test("alone_means_no_processes_or_sockets", || {
            if enforced("no processes, network or signals for the student's code") {
                for what in [&["run"][..], &["fork", "100"], &["network"]] {
                    says(&run_in(&bounds(true), what), "refused");
                }
                // The test can fail: what is not alone can do all this, except for the TCP port.
                for what in [&["run"][..], &["fork", "2"]] {
                    says(&run_in(&bounds(false), what), "worked");
                }
            }
            Ok(())
        }),
        Trial::test("a_computation_may_have_threads", || {
            for alone in [false, true] {
                says(&run_in(&bounds(alone), &["threads"]), "worked");
            }
            Ok(())
        }),
        Trial::test("nobody_gets_a_signal", signals),
        Trial::test("one_whose_parent_is_gone_is_gone", || {
            if !cfg!(target_os = "linux") {
                return Ok(());
            }
            // The parent, this program once more, starts one that spins for 20 s, says which, and is killed.
            let mut parent = Command::new(std::env::current_exe()?)
                .arg("orphan")
                .stdout(Stdio::piped())
                .spawn()?;
            let mut line = String::new();
            BufReader::new(parent.stdout.take().expect("a pipe")).read_line(&mut line)?;
            let child = PathBuf::from("/proc").join(line.trim());
            assert!(child.exists(), "{line}");
            parent.kill()?;
            parent.wait()?;
            let begin = Instant::now();
            let is_alive = || {
                let stat = fs::read_to_string(child.join("stat")).unwrap_or_default();
                stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
            };
            while is_alive() {
                assert!(begin.elapsed() < Duration::from_secs(10), "it goes on");
                std::thread::sleep(Duration::from_millis(10));
            }
            Ok(())
        }),
        Trial::test("who_is_started_when_its_parent_is_gone_does_not_start", || {
            if !cfg!(target_os = "linux") {
                return Ok(());
            }
            let own = std::env::current_exe()?;
            let launcher = Launcher { program: own.clone(), arguments: vec!["enter".into()] };
            let command = bounds(true).command(&launcher, &own);
            let order = command.get_args().nth(1).expect("the order").to_string_lossy();
            let parent = format!("\"parent\":{}", std::process::id());
            assert!(order.contains(&parent), "{order}");
            for (order, said) in
                [(order.replace(&parent, "\"parent\":1"), ""), (order.into(), "worked\n")]
            {
                let output = Command::new(&own)
                    .args(["enter", &order])
                    .arg(&own)
                    .args(["misbehave", "compute"])
                    .output()?;
                assert_eq!(String::from_utf8_lossy(&output.stdout), said);
                let problem = String::from_utf8_lossy(&output.stderr);
                assert_eq!(problem.contains("it has ended"), said.is_empty(), "{problem}");
            }
            Ok(())
        }),
        Trial::test("nobody_answers_a_confined_call", || {
            if enforced("no network for the compiler") {
                let server = TcpListener::bind("127.0.0.1:0").expect("a port");
                let address = server.local_addr().expect("an address").to_string();
                if TcpStream::connect(&address).is_err() {
                    println!(
                        "SKIPPED: a confined call, because this machine cannot even call itself"
                    );
                    return Ok(());
                }
                says(&run_in(&bounds(false), &["connect", &address]), "refused");
            }
            Ok(())
        }),
        Trial::test("the_whole_group_is_gone", || {
            if cfg!(target_os = "linux") {
                // Its children hold the pipe for 15 s; the group's end closes it at once.
                let begin = Instant::now();
                says(&run_in(&bounds(false), &["fork", "5"]), "worked");
                assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
            }
            Ok(())
        }),
        Trial::test("a_launcher_without_orders_says_so", || {
            let error = confine::enter(&["no JSON".into(), "program".into()]).to_string();
            assert!(error.contains("for the program's own use"), "{error}");
            assert!(confine::enter(&[]).to_string().contains("no program"));
            Ok(())
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What a program may do to have others get a signal: send it, or have the kernel send it when a channel is ready. In Perl,
/// which can name any call; without it there is nothing to see.
fn signals() -> Result<(), libtest_mimic::Failed> {
    let perl = PathBuf::from("/usr/bin/perl");
    if !enforced("no processes, network or signals for the student's code") || !perl.exists() {
        return Ok(());
    }
    // F_SETOWN, F_SETSIG with SIGKILL, F_SETFL with O_ASYNC, F_GETFL, by their numbers on Linux.
    let script = "
        sub worked { print $_[0], $_[1] ? ' worked' : ' refused', qq(\\n) }
        worked('kill', kill(0, getppid()));
        worked('own', fcntl(STDIN, 8, getppid()));
        worked('which', fcntl(STDIN, 10, 9));
        worked('async', fcntl(STDIN, 4, 020000));
        worked('flags', defined fcntl(STDIN, 3, 0));
    ";
    let own = std::env::current_exe()?;
    let launcher = Launcher { program: own, arguments: vec!["enter".into()] };
    for (alone, verdict) in [(true, "refused"), (false, "worked")] {
        let mut bounds = bounds(alone);
        bounds.readable.extend(["/usr".into(), "/etc".into(), "/dev/null".into()]);
        let mut command = bounds.command(&launcher, &perl);
        command.args(["-e", script]);
        let ended =
            watch(&mut command, Patience { time: Duration::from_secs(30), output: 1 << 16 })?;
        let (kill, others) = ended.stdout.split_once('\n').unwrap_or_default();
        // Without the filter a signal is Landlock's affair, from Linux 6.12 on.
        assert!(!alone || kill == "kill refused", "{ended:?}");
        let expected = format!("own {verdict}\nwhich {verdict}\n");
        assert!(others.starts_with(&expected), "alone: {alone}, {ended:?}");
        assert!(others.ends_with("flags worked\n"), "{ended:?}");
        assert!(!alone || others.contains("async refused"), "{ended:?}");
    }
    Ok(())
}

fn enforced(what: &str) -> bool {
    confine::enforced().yes.contains(&what)
}

fn files() -> Result<(), libtest_mimic::Failed> {
    if !enforced("no files but its own and the system's libraries") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    fs::create_dir(&own)?;
    fs::create_dir(&other)?;
    let in_folder = |folder: &PathBuf, name: &str| folder.join(name).display().to_string();
    let (solution, result) = (in_folder(&other, "solution.rs"), in_folder(&other, "results.json"));
    fs::write(&solution, "42")?;
    let link = in_folder(&own, "link.rs");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&solution, &link)?;
    for alone in [false, true] {
        let bounds = Bounds { writable: vec![own.clone()], ..bounds(alone) };
        says(&run_in(&bounds, &["write", &in_folder(&own, "scratch")]), "worked");
        says(&run_in(&bounds, &["read", &in_folder(&own, "scratch")]), "worked");
        for what in [
            ["read", &solution],
            ["read", &link],
            ["read", "/etc/passwd"],
            ["write", &result],
            ["write", &solution],
            ["list", &other.display().to_string()],
            ["list", "/"],
        ] {
            says(&run_in(&bounds, &what), "refused");
        }
    }
    assert!(!PathBuf::from(&result).exists());
    assert_eq!(fs::read_to_string(&solution)?, "42");
    Ok(())
}
