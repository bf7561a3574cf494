// Words, requests, and the one shape of errors.
const data = JSON.parse(document.getElementById("page-data").textContent);
let csrf = data.csrf;

export const reviewer = data.reviewer;

/** Returns a word in the language of the page, with `given` put in. */
export function word(key, ...given) {
  const text = data.words[key];
  return text === undefined ? key : text.replace(/\{(\d)\}/g, (_, n) => String(given[Number(n)] ?? ""));
}

/** Returns the word for an identifier, or the identifier. */
export function named(group, key) {
  return data.words[`${group}_${key}`] ?? key;
}

/** A request that the server refused; `code` is one of its codes, `offline` where it did not answer. */
export class Refused extends Error {
  constructor(code, message, advice = "", detail = null) {
    super(message);
    Object.assign(this, { code, advice, detail });
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Refused("offline", word("lost"));
  }
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused("failed", `${response.status}`);
  }
  if (!response.ok) {
    const { code, message, advice, detail } = body.error ?? { code: "failed", message: String(response.status) };
    throw new Refused(code, message, advice, detail);
  }
  return body;
}

/** Sends a change; the mark is fetched anew where the server was started again meanwhile. */
export async function post(path, body, options = {}) {
  for (let attempt = 0; ; attempt += 1) {
    const headers = { "content-type": "application/json", "x-gouji-csrf": csrf };
    try {
      return await ask(path, { method: "POST", headers, body: JSON.stringify(body), ...options });
    } catch (error) {
      if (error.code !== "csrf" || attempt > 0) throw error;
      csrf = (await ask("/api/session")).csrf;
    }
  }
}

/** Returns an element with attributes and children; text stays text. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Returns what a cell holds in words. */
export function told(value, state) {
  return state === "printed" ? String(value) : word(state);
}
