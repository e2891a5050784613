//! The teacher's guide states points and minutes as they are.

#[test]
fn the_guide_states_every_labs_points() {
    let guide = include_str!("../../../../book/src/teaching.md");
    let (mut all_points, mut all_minutes, mut all_exercises) = (0, 0, 0);
    let line = |name: &str, exercises: usize, points: u32, minutes: u32| {
        let line = format!("| {name} | {exercises} | {points} | {minutes} |");
        assert!(guide.lines().any(|other| other == line), "the guide lacks: {line}");
    };
    for lab in lab_checks::labs() {
        line(lab.chapter, lab.exercises.len(), lab.points(), lab.minutes());
        all_exercises += lab.exercises.len();
        all_points += lab.points();
        all_minutes += lab.minutes();
    }
    line("all", all_exercises, all_points, all_minutes);
}
