/** One door to the server: JSON in, JSON out; every failure becomes a Problem with words a person can read. */
import type { Json, ProblemBody, Words, Why } from "./types";

export const BASE = "/api/v1";

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly words: Words;
  readonly problems: NonNullable<ProblemBody["problems"]>;
  readonly why: Partial<Why> | null;
  /** Seconds after which the same may be asked again. */
  readonly wait: number;

  constructor(body: ProblemBody, wait = 0) {
    super(body.message.en);
    this.status = body.status;
    this.code = body.code;
    this.words = body.message;
    this.problems = body.problems ?? [];
    this.why = explained(body.why);
    this.wait = wait;
  }
}

/** A refusal's why comes in several shapes; only sets of atoms and people are taken from it. */
function explained(why: ProblemBody["why"]): Partial<Why> | null {
  if (!why) return null;
  const missing = Array.isArray(why.missing) ? why.missing.filter((set) => Array.isArray(set)) : [];
  const ask = Array.isArray(why.ask) ? why.ask.filter((person) => typeof person === "object") : [];
  return missing.length || ask.length ? { missing, ask } : null;
}

/** What the last answer 202 said: the change is not done but waits for a second person. Taken once. */
let waits: Words | null = null;
export function takeWaiting(): Words | null {
  const found = waits;
  waits = null;
  return found;
}

export interface Answer<T> { data: T; etag: string | null }
export interface SendOptions { etag?: string | null; signal?: AbortSignal; key?: string; /** Goes on when the page is left meanwhile. */ keepalive?: boolean }

type Listener = () => void;
let onSignedOut: Listener = () => {};
let csrfFallback = "";
let primed: { path: string; data: unknown } | null = null;

/** What to do when a session has ended underneath the page. */
export function whenSignedOut(listener: Listener): void { onSignedOut = listener; }
export function setCsrf(token: string | undefined): void { csrfFallback = token ?? ""; }

/** The boot payload carries the answer to the first request; it is used once and only for that path. */
export function prime(first: { path: string; data: unknown } | null): void { primed = first; }

function normal(path: string): string {
  const clean = path.startsWith(BASE) ? path.slice(BASE.length) : path;
  const [head, query = ""] = clean.split("?");
  const parts = [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`).sort();
  return `${head}?${parts.join("&")}`;
}

function csrf(): string {
  const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return found ? decodeURIComponent(found.slice("csrftoken=".length)) : csrfFallback;
}

/** A key that makes a repeated POST harmless; works on plain-http hosts, where randomUUID is missing. */
export function freshKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Partial<ProblemBody> = {};
  try { body = (await response.json()) as Partial<ProblemBody>; } catch { body = {}; }
  const status = response.status;
  return new Problem({
    ...body,
    status,
    code: body.code ?? `http_${status}`,
    message: body.message ?? {
      zh: status >= 500 ? `服务器没能完成这次请求（${status}），请稍后再试。` : `请求没有被接受（${status}）。`,
      en: status >= 500 ? `The server could not finish this request (${status}). Try again shortly.` : `The request was not accepted (${status}).`,
    },
  }, Number(response.headers.get("Retry-After")));
}

/** Whether the page itself is reading anew what it shows: the same answers take nothing again from one's budget. */
export const page = { anew: false };

/** The latest change that was asked for. */
let writing: Promise<unknown> | null = null;
const PATIENCE = 5_000, later = (time: number) => new Promise((done) => setTimeout(done, time));

async function call<T>(method: string, path: string, body?: unknown, options: SendOptions = {}, again = false): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrf();
  else if (page.anew) headers["X-Heli-Anew"] = "1";
  if (options.etag) headers["If-Match"] = options.etag.startsWith('"') ? options.etag : `"${options.etag}"`;
  if (options.key) headers["Idempotency-Key"] = options.key;
  let payload: BodyInit | undefined;
  if (body instanceof FormData) payload = body;
  else if (body !== undefined) { headers["Content-Type"] = "application/json"; payload = JSON.stringify(body); }
  let response: Response;
  const asked = fetch(BASE + path, { method, headers, body: payload, signal: options.signal, keepalive: options.keepalive, credentials: "same-origin" });
  if (method !== "GET") writing = asked;
  try {
    response = await asked;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Problem({ status: 0, code: "offline", message: { zh: "连接不上服务器，请检查网络后重试。", en: "The server cannot be reached. Check the network and try again." } });
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    // What was on its way while the password was changed went out with the session of before: it asks again once that has been answered.
    if (response.status === 401 && method === "GET" && !again) { await Promise.race([writing, later(PATIENCE)]).catch(() => null); return call(method, path, body, options, true); }
    if (response.status === 401 && path !== "/session") onSignedOut();
    throw problem;
  }
  const text = response.status === 204 ? "" : await response.text();
  const data = (text ? JSON.parse(text) : null) as T;
  if (response.status === 202) waits = (data as { pending?: { words: Words } } | null)?.pending?.words ?? null;
  return { data, etag: response.headers.get("ETag") };
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  if (primed && normal(primed.path) === normal(path)) {
    const { data } = primed;
    primed = null;
    return data as T;
  }
  return (await call<T>("GET", path, undefined, { signal })).data;
}

export async function send<T = Json>(method: "POST" | "PATCH" | "DELETE" | "PUT", path: string, body?: unknown, options?: SendOptions): Promise<T> {
  return (await call<T>(method, path, body, options)).data;
}

/** The same with the ETag of what was made. */
export function sendTagged<T = Json>(method: "POST" | "PATCH" | "PUT", path: string, body?: unknown, options?: SendOptions): Promise<Answer<T>> {
  return call<T>(method, path, body, options);
}

/** Query text from a plain object; empty values are left out. */
export function query(params: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}

export function asProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new Problem({ status: 0, code: "page_error", message: { zh: `页面出错：${text}`, en: `The page failed: ${text}` } });
}

/** End the session by one's own wish. What is still on its way finds it ended, and that is then no surprise that leads back here. */
export async function signOut(): Promise<void> {
  const surprised = onSignedOut;
  onSignedOut = () => {};
  try { await send("DELETE", "/session"); } catch (cause) { onSignedOut = surprised; throw cause; }
  location.assign("/signin");
}
