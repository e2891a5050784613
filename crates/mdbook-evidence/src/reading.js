// A formula in one line of text: `log p_theta(x) ≥ E_q[log p_theta(x, z)/q_phi(z|x)]`. It is read from what KaTeX makes for MathML,
// where macros, synonyms and sizes are gone.
const reading = (() => {
  // mdBook's search drops what is not ASCII from both ends of a word, and few keyboards have these letters.
  const greek = {
    α: "alpha", β: "beta", γ: "gamma", δ: "delta", ϵ: "epsilon", ε: "epsilon", ζ: "zeta", η: "eta", θ: "theta", ϑ: "theta", ι: "iota",
    κ: "kappa", λ: "lambda", μ: "mu", ν: "nu", ξ: "xi", π: "pi", ϖ: "pi", ρ: "rho", ϱ: "rho", σ: "sigma", ς: "sigma", τ: "tau",
    υ: "upsilon", ϕ: "phi", φ: "phi", χ: "chi", ψ: "psi", ω: "omega", Γ: "Gamma", Δ: "Delta", Θ: "Theta", Λ: "Lambda", Ξ: "Xi",
    Π: "Pi", Σ: "Sigma", Υ: "Upsilon", Φ: "Phi", Ψ: "Psi", Ω: "Omega",
  };
  const accents = { "^": "hat", "~": "tilde", "ˉ": "bar", "‾": "bar", "¯": "bar", "˙": "dot", "¨": "ddot", "ˇ": "check", "⃗": "vec" };
  const braces = ["⏞", "⏟"];
  // A sign between two sides; and what a + or − stands behind if it belongs to one number.
  const between = /^([=≠≈≡∼≃≅∝<>≤≥≪≫∈∉⊂⊆∪∩→←↦⇒⇐⇔⟹⟸⟺⟶≔×∘⊙⊗⊕∧∨⋅∗⇝⟂⊥]|:=)$/u;
  const opening = /(^|[([{⟨,;/|=≠≈≡∼∝<>≤≥→↦⇒⇔×⋅∈^] ?)$/u;
  // Ends of words and of scripts and fractions, which the next letter would lengthen.
  const word = /(^|[^\p{L}])\p{L}{2,}$/u;
  const open = /[_^/][\p{L}\p{N}.∞⊤]+$/u;
  const atom = /^∂?(\p{L}+|[\p{N}.]+)([_^]([\p{L}\p{N}.⊤]+|\{[^{}]*\}))*′*$/u;
  const call = /^\p{L}+\([^()]*\)$/u;

  const part = (text) => (atom.test(text) || call.test(text) ? text : `(${text})`);
  function script(text) {
    const tight = text.replace(/ ([=+−≤≠<>]) /gu, "$1");
    return /^([\p{L}\p{N}.]+|[^\s])$/u.test(tight) ? tight : `{${tight}}`;
  }

  // Neighbours, with a space where two of them would grow together.
  function row(nodes) {
    let line = "";
    let last = "";
    for (const node of nodes) {
      const next = read(node);
      const touch = /[\p{L}\p{N}⊤∞)\]}]$/u.test(last) && /^\p{L}{2}/u.test(next);
      const grow = (word.test(last) || open.test(last)) && /^[\p{L}\p{N}]/u.test(next);
      if (touch || grow) line += " ";
      line += /^[+−]$/.test(next) && !opening.test(line) ? ` ${next} ` : next;
      if (next !== "") last = next;
    }
    return line;
  }

  function leaf(node) {
    const text = node.children.map((child) => [...(child.text ?? read(child))].map((letter) => greek[letter] ?? letter).join("")).join("").replace(/∣/g, "|");
    if (node.type !== "mo") return text;
    if (text === "\u2061") return "";
    if (text === "," || text === ";") return `${text} `;
    return between.test(text) ? ` ${text} ` : text;
  }

  // A base with what stands below and above it.
  function scripts(base, below, above) {
    const [under, over] = [below, above].map((node) => (node === undefined ? "" : tidy(read(node))));
    if (accents[over]) return `${accents[over]}(${tidy(read(base))})`;
    const primes = /^[′″‴]+$/u.test(over);
    const lower = under === "" || braces.includes(under) ? "" : `_${script(under)}`;
    const upper = over === "" || braces.includes(over) ? "" : primes ? over : `^${script(over)}`;
    return read(base) + lower + upper;
  }

  function read(node) {
    const inside = node.children ?? [];
    switch (node.type) {
      case "annotation":
      case "mphantom":
        return "";
      case "mi":
      case "mn":
      case "mo":
      case "mtext":
        return leaf(node);
      case "mspace":
        return " ";
      case "mfrac": {
        const [over, under] = inside.map((child) => tidy(read(child)));
        return node.attributes?.linethickness === "0px" ? `${over} choose ${under}` : `${part(over)}/${part(under)}`;
      }
      case "msqrt":
        return `√${part(tidy(row(inside)))}`;
      case "mroot":
        return `${part(tidy(read(inside[0])))}^{1/${tidy(read(inside[1]))}}`;
      case "msub":
      case "munder":
        return scripts(inside[0], inside[1], undefined);
      case "msup":
      case "mover":
        return scripts(inside[0], undefined, inside[1]);
      case "msubsup":
      case "munderover":
        return scripts(inside[0], inside[1], inside[2]);
      case "mtable":
        return inside.map((line) => tidy(read(line))).reduce((all, line) => all + (all === "" || /[,.;]$/.test(all) ? " " : "; ") + line, "");
      case "mtd":
        return ` ${row(inside)} `;
      default:
        if (node.text !== undefined) return node.text;
        // A space has a width, which \! makes negative.
        return node.children ? row(inside) : node.width < 0 ? "" : " ";
    }
  }

  const tidy = (text) =>
    text
      .replace(/[\s\u200b\u2061-\u2064]+/gu, " ")
      .replace(/ ?([,;]) ?/gu, "$1 ")
      .replace(/([([{⟨]) /gu, "$1")
      .replace(/ ([)\]}⟩.])/gu, "$1")
      .replace(/ ?: =/g, " :=")
      .trim();

  return (node) => {
    while (node.type !== "math") node = node.children[0];
    return tidy(read(node));
  };
})();
