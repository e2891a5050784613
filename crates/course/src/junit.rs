//! JUnit XML, which continuous-integration services show as a list of tests.

use claims::Report;

use crate::table::explain;

/// A report as a test suite, one test case for each claim.
pub(crate) fn junit(results: &[(Report, f64)]) -> String {
    let failures = results.iter().filter(|(report, _)| !report.passed()).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"claims\" tests=\"{}\" failures=\"{failures}\">\n",
        results.len()
    );
    for (report, seconds) in results {
        let (chapter, claim) = report.id.split_once('/').unwrap_or(("", report.id));
        xml += &format!(
            "  <testcase classname=\"{}\" name=\"{}\" time=\"{seconds:.3}\"",
            escape(chapter),
            escape(claim)
        );
        if report.passed() {
            xml += "/>\n";
        } else {
            let text = explain(report);
            xml += &format!(">\n    <failure>{}</failure>\n  </testcase>\n", escape(&text));
        }
    }
    xml + "</testsuite>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_in_a_text_is_escaped() {
        assert_eq!(super::escape("a < b & \"c\""), "a &lt; b &amp; &quot;c&quot;");
    }
}
