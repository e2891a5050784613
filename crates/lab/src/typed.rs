//! A question as a student would type it.

use serde_json::Value;

use crate::plain::shortened;

/// Characters of one argument that are shown whole.
const SHOWN: usize = 600;

/// Items of each list that are shown of a longer argument.
const FIRST: usize = 4;

/// What a value is in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A number, or a truth value.
    Number,
    /// A value, or none.
    Maybe(Box<Form>),
    /// A slice.
    List(Box<Form>),
    /// An array of a fixed length.
    Fixed(usize, Box<Form>),
    /// An array of `ndarray`'s.
    Array,
    /// A tuple.
    Tuple(Vec<Form>),
}

/// One argument of a function, with the way to it in the JSON of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name in the student's file.
    pub name: &'static str,
    /// What it is.
    pub form: Form,
    /// The way to it.
    pub path: Vec<usize>,
}

/// A step on the way to a number of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To this item.
    Item(usize),
    /// To each item in turn.
    Every,
}

impl Argument {
    /// The ways to its parts that mean different things: the items of an array of fixed length, the columns of a list of
    /// tuples; one way if all of its numbers mean the same.
    #[must_use]
    pub fn parts(&self) -> Vec<Vec<Step>> {
        let here: Vec<Step> = self.path.iter().map(|&i| Step::Item(i)).collect();
        let each = |steps: Vec<Step>, count: usize| -> Vec<Vec<Step>> {
            (0..count).map(|i| [steps.clone(), vec![Step::Item(i)]].concat()).collect()
        };
        match &self.form {
            Form::Fixed(count, _) => each(here, *count),
            Form::List(items) => match &**items {
                Form::Tuple(columns) => each([here, vec![Step::Every]].concat(), columns.len()),
                _ => vec![here],
            },
            _ => vec![here],
        }
    }
}

/// A function with its arguments, as its signature names them: `(weight, bias), pixels`.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) function: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) form: Form,
}

impl Signature {
    /// The arguments in order; none if the exercise does not name as many as its function takes.
    pub(crate) fn arguments(&self) -> Vec<Argument> {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let names = self.arguments.split(|c| !word(c)).filter(|name| !name.is_empty());
        let mut leaves = Vec::new();
        leaves_of(&self.form, &mut Vec::new(), &mut leaves);
        let names: Vec<&'static str> = names.collect();
        if names.len() != leaves.len() {
            return Vec::new();
        }
        let pairs = names.into_iter().zip(leaves);
        pairs.map(|(name, (form, path))| Argument { name, form, path }).collect()
    }

    /// The call, and below it a line for each argument that gives it its value: what a test of one's own begins with.
    pub(crate) fn typed(&self, input: &Value) -> String {
        let arguments = self.arguments();
        if arguments.is_empty() {
            return shortened(&input.to_string(), SHOWN);
        }
        let mut call = String::new();
        let mut rest = self.arguments;
        for Argument { name, form, .. } in &arguments {
            let Some(at) = rest.find(name) else { break };
            let lent = matches!(form, Form::List(_) | Form::Array);
            call.push_str(&rest[..at]);
            call.push_str(if lent { "&" } else { "" });
            call.push_str(name);
            rest = &rest[at + name.len()..];
        }
        call.push_str(rest);
        let mut lines = vec![format!("{}({call})", self.function)];
        for Argument { name, form, path } in &arguments {
            let value = path.iter().fold(input, |value, &i| &value[i]);
            lines.push(format!("let {name} = {}", binding(form, value)));
        }
        lines.join("\n")
    }
}

fn leaves_of(form: &Form, path: &mut Vec<usize>, leaves: &mut Vec<(Form, Vec<usize>)>) {
    match form {
        Form::Tuple(parts) => {
            for (i, part) in parts.iter().enumerate() {
                path.push(i);
                leaves_of(part, path, leaves);
                path.pop();
            }
        }
        other => leaves.push((other.clone(), path.clone())),
    }
}

/// A value with a semicolon; of a long one the beginning, and how large it is.
fn binding(form: &Form, value: &Value) -> String {
    let whole = written(form, value, usize::MAX);
    if whole.len() <= SHOWN {
        return format!("{whole};");
    }
    let mut sizes = Vec::new();
    let mut part = value;
    while let Some(items) = part.as_array() {
        sizes.push(items.len().to_string());
        part = &part[0];
    }
    format!("{}; // {}, shortened", written(form, value, FIRST), sizes.join(" × "))
}

/// A literal, with so many items of each list at most.
fn written(form: &Form, value: &Value, most: usize) -> String {
    let items = || value.as_array().map(Vec::as_slice).unwrap_or_default();
    let listed = |form: &Form| {
        let mut texts: Vec<String> =
            items().iter().take(most).map(|item| written(form, item, most)).collect();
        if items().len() > most {
            texts.push("…".to_owned());
        }
        texts.join(", ")
    };
    match form {
        Form::Number => number(value),
        Form::Maybe(form) if !value.is_null() => format!("Some({})", written(form, value, most)),
        Form::Maybe(_) => "None".to_owned(),
        Form::List(form) | Form::Fixed(_, form) => format!("[{}]", listed(form)),
        Form::Array if items().iter().any(Value::is_array) => {
            let rows = listed(&Form::Array).replace("array!", "");
            format!("array![{rows}]")
        }
        Form::Array => format!("array![{}]", listed(&Form::Number)),
        Form::Tuple(forms) => {
            let texts = forms.iter().zip(items()).map(|(form, item)| written(form, item, most));
            format!("({})", texts.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Every digit of it, and a point in what is no whole number's type.
fn number(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => {
            format!("{:?}", number.as_f64().unwrap_or(f64::NAN))
        }
        Value::String(word) => match word.as_str() {
            "inf" => "f64::INFINITY".to_owned(),
            "-inf" => "f64::NEG_INFINITY".to_owned(),
            _ => "f64::NAN".to_owned(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;
    use crate::Plain;

    fn typed<I: Plain>(arguments: &'static str, input: &I) -> String {
        Signature { function: "f", arguments, form: I::form() }.typed(&input.encode())
    }

    #[test]
    fn a_question_can_be_pasted_into_rust() {
        let nested = ((array![[1.0, -0.5], [0.0, 2.0]], array![1e-13]), 3_usize, f64::INFINITY);
        assert_eq!(
            typed("(weight, bias), count, limit", &nested),
            "f((&weight, &bias), count, limit)\nlet weight = array![[1.0, -0.5], [0.0, 2.0]];\n\
             let bias = array![1e-13];\nlet count = 3;\nlet limit = f64::INFINITY;"
        );
        let lists = (vec![(3_usize, 1_usize), (4, 2)], [0.25, 80.0]);
        assert_eq!(
            typed("stages, line", &lists),
            "f(&stages, line)\nlet stages = [(3, 1), (4, 2)];\nlet line = [0.25, 80.0];"
        );
        assert_eq!(typed("x", &vec![0.5]), "f(&x)\nlet x = [0.5];");
        // A function may be flat where its question is nested.
        assert_eq!(
            typed("a, b, c", &((1.0, 2.0), true)),
            "f(a, b, c)\nlet a = 1.0;\nlet b = 2.0;\nlet c = true;"
        );
    }

    #[test]
    fn a_name_within_another_is_no_trouble() {
        assert_eq!(
            typed("mean, means", &(1.0, array![2.0])),
            "f(mean, &means)\nlet mean = 1.0;\nlet means = array![2.0];"
        );
    }

    #[test]
    fn a_long_argument_shows_its_beginning_and_its_size() {
        let text = typed("x, y", &(Array2::<f64>::from_elem((40, 40), 0.25), 1.0));
        assert_eq!(
            text.lines().nth(1),
            Some(
                "let x = array![[0.25, 0.25, 0.25, 0.25, …], [0.25, 0.25, 0.25, 0.25, …], \
                 [0.25, 0.25, 0.25, 0.25, …], [0.25, 0.25, 0.25, 0.25, …], …]; // 40 × 40, shortened"
            )
        );
        assert_eq!(text.lines().nth(2), Some("let y = 1.0;"));
    }

    #[test]
    fn names_that_do_not_fit_leave_the_plain_question() {
        assert_eq!(typed("a", &(1.0, 2.0)), "[1.0,2.0]");
        assert_eq!(typed("", &1.5), "1.5");
    }

    #[test]
    fn the_parts_of_a_question_are_found() {
        type Input = ((Array1<f64>, f64), [usize; 2], Vec<(usize, usize)>);
        let form = Input::form();
        let arguments = Signature { function: "f", arguments: "a b c d", form }.arguments();
        let ways: Vec<_> = arguments.iter().flat_map(Argument::parts).collect();
        use Step::{Every, Item};
        assert_eq!(
            ways,
            [
                vec![Item(0), Item(0)],
                vec![Item(0), Item(1)],
                vec![Item(1), Item(0)],
                vec![Item(1), Item(1)],
                vec![Item(2), Every, Item(0)],
                vec![Item(2), Every, Item(1)],
            ]
        );
    }
}
