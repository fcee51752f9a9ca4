// What is shown stands in the address after #, so that it can be kept, sent and gone back from.

/** Of "#/jobs/17?state=dead": name jobs, id 17, query {state: "dead"}. */
export function address() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [name, id] = path.split("/", 2).map(plain);
  return { name, id, query: Object.fromEntries(new URLSearchParams(query)) };
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function link(name, id, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const path = id == null ? `#/${name}` : `#/${name}/${encodeURIComponent(id)}`;
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

export function go(name, id, query) {
  location.hash = link(name, id, query);
}

/** What the fields of a form hold, without blanks about it. */
export const given = (form) =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));

/** The same place looked at otherwise: another filter begins at the first page. */
export function refine(query) {
  const { name, id, query: old } = address();
  location.hash = link(name, id, { ...old, after: "", ...query });
}
