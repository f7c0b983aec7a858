import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

const BOOT = /<script type="application\/json" id="boot"[^>]*>.*?<\/script>/s;

/**
 * While developing, Vite serves the page but the server knows its first data: take the boot element from the
 * server's own answer for the same address and the same session.
 */
export function boot(server: string): Plugin {
  return {
    name: "heli-boot",
    apply: "serve",
    configureServer(vite) {
      vite.middlewares.use(async (request, response, next) => {
        const wanted = request.url ?? "/";
        const page = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
        if (!page || wanted.startsWith("/api/") || wanted.startsWith("/@")) return next();
        try {
          const answer = await fetch(new URL(wanted, server), {
            headers: { cookie: request.headers.cookie ?? "", accept: "text/html" },
            redirect: "manual",
          });
          const element = BOOT.exec(await answer.text())?.[0];
          const source = await readFile(new URL("../index.html", import.meta.url), "utf8");
          const html = await vite.transformIndexHtml(wanted, source);
          const cookies = answer.headers.getSetCookie();
          if (cookies.length > 0) response.setHeader("Set-Cookie", cookies);
          response.setHeader("Content-Type", "text/html; charset=utf-8");
          response.end(element ? html.replace(BOOT, () => element) : html);
        } catch (error) {
          next(error);
        }
      });
    },
  };
}
