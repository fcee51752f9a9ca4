// JSON as text: cut out and laid out without being parsed, as its numbers may be greater than those
// of JavaScript.

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Those members of an object, each as text; none that is not there, or null. The object is valid. */
export function members(text, names) {
  const found = {};
  if (names.length === 0) {
    return found;
  }
  let depth = 0;
  let key = null;
  let from = -1;
  let before = null;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    const top = depth === 1 && (token === "," || token === "}");
    if (top && key !== null) {
      const value = text.slice(from, index).trim();
      if (names.includes(key) && value !== "null") {
        found[key] = laidOut(value);
      }
      key = null;
    } else if (depth === 1 && token === ":" && key === null) {
      key = JSON.parse(before);
      from = index + 1;
    }
    depth += "{[".includes(token) ? 1 : "}]".includes(token) ? -1 : 0;
    before = token;
  }
  return found;
}

/** The same over lines, with two blanks for each level. */
export function laidOut(text) {
  let out = "";
  let depth = 0;
  let before = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(TOKENS)) {
    if ("}]".includes(token)) {
      depth--;
      out += "{[".includes(before) ? token : line() + token;
    } else {
      out += before === "{" || before === "[" || before === "," ? line() : before === ":" ? " " : "";
      out += token;
      depth += "{[".includes(token) ? 1 : 0;
    }
    before = token;
  }
  return out;
}
