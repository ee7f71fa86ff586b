// @ts-check
/** The studio's HTTP API as pages use it: the session cookie, a CSRF header, problem+json errors. */

export const API = "/api/v1";

/** What the server refused, in a sentence that can be shown. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when the server could not be reached.
   * @param {{detail?: string, code?: string, field?: string}} problem
   * @param {number} retryAfterS
   */
  constructor(status, problem, retryAfterS = 0) {
    super(problem.detail || "The studio did not answer. Check the connection and try again.");
    this.status = status;
    this.code = problem.code ?? "unreachable";
    this.field = problem.field ?? "";
    this.retryAfterS = retryAfterS;
  }

  /** Whether the same request may work a little later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

export function csrfToken() {
  const cookie = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1];
  const meta = document.querySelector('meta[name="csrf-token"]');
  return cookie ?? meta?.getAttribute("content") ?? "";
}

/**
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<any>}
 */
async function send(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`${API}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, {});
  }
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  throw refusal(response.status, text, response.headers.get("Retry-After"));
}

/**
 * @param {number} status
 * @param {string} text
 * @param {string | null} retryAfter
 */
function refusal(status, text, retryAfter) {
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    problem = { detail: `The studio answered with an error (${status}). Please try again.` };
  }
  return new ApiError(status, problem, Number(retryAfter) || 0);
}

export const api = {
  /** @param {string} path */
  get: (path) => send("GET", path),
  /**
   * @param {string} path
   * @param {unknown} [body]
   */
  post: (path, body) => send("POST", path, body ?? {}),
  /**
   * @param {string} path
   * @param {unknown} body
   */
  put: (path, body) => send("PUT", path, body),
  /**
   * @param {string} path
   * @param {unknown} body
   */
  patch: (path, body) => send("PATCH", path, body),
  /** @param {string} path */
  delete: (path) => send("DELETE", path),
};

/**
 * Upload one file with its true progress, which `fetch` cannot tell.
 * @param {string} path
 * @param {File} file
 * @param {{onProgress: (share: number) => void, signal: AbortSignal}} options
 * @returns {Promise<any>}
 */
export function upload(path, file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${API}${path}`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else {
        const wait = request.getResponseHeader("Retry-After");
        reject(refusal(request.status, request.responseText, wait));
      }
    });
    const detail = "The connection broke before the photo arrived. Nothing was kept; try again.";
    request.addEventListener("error", () => reject(new ApiError(0, { detail })));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}
