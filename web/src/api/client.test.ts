import { afterEach, describe, expect, it, vi } from "vitest";
import { get, send, signOut, whenSignedOut } from "./client";

const answered = (status: number) => new Response(status === 204 ? null : "{}", { status, headers: { "Content-Type": "application/json" } });

describe("a session that ends", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is a surprise to what is on its way, unless one signs out oneself", async () => {
    const surprised = vi.fn(), assign = vi.fn();
    whenSignedOut(surprised);
    vi.stubGlobal("location", { assign });
    vi.stubGlobal("fetch", vi.fn((_path: string, how: RequestInit) => Promise.resolve(answered(how.method === "DELETE" ? 204 : 401))));
    await expect(get("/pulse")).rejects.toThrow();
    expect(surprised).toHaveBeenCalledTimes(1);
    await signOut();
    await expect(get("/pulse")).rejects.toThrow();
    expect(surprised).toHaveBeenCalledTimes(1);
    expect(assign).toHaveBeenCalledExactlyOnceWith("/signin");
  });

  it("has not ended for who asks again with the one that took its place", async () => {
    const surprised = vi.fn();
    whenSignedOut(surprised);
    let asked = 0;
    vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(answered(asked++ ? 200 : 401))));
    await expect(get("/pulse")).resolves.toEqual({});
    expect(surprised).not.toHaveBeenCalled();
    vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(answered(401))));
    await expect(get("/pulse")).rejects.toThrow();
    expect(surprised).toHaveBeenCalledTimes(1);
  });

  it("has not ended while the change that replaces it is still to be answered", async () => {
    const surprised = vi.fn();
    whenSignedOut(surprised);
    let replaced = false, answer: (made: Response) => void = () => {};
    vi.stubGlobal("fetch", vi.fn((_path: string, how: RequestInit) => (how.method === "POST" ? new Promise<Response>((done) => { answer = done; }) : Promise.resolve(answered(replaced ? 200 : 401)))));
    const changed = send("POST", "/me/password", {}), beat = get("/pulse");
    await new Promise((done) => setTimeout(done, 20));
    replaced = true;
    answer(answered(200));
    await expect(changed).resolves.toEqual({});
    await expect(beat).resolves.toEqual({});
    expect(surprised).not.toHaveBeenCalled();
  });

  it("goes on where signing out failed", async () => {
    const surprised = vi.fn();
    whenSignedOut(surprised);
    vi.stubGlobal("fetch", vi.fn((_path: string, how: RequestInit) => Promise.resolve(answered(how.method === "DELETE" ? 503 : 401))));
    await expect(signOut()).rejects.toThrow();
    await expect(get("/pulse")).rejects.toThrow();
    expect(surprised).toHaveBeenCalledTimes(1);
  });
});
