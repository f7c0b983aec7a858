import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { boot } from "./vite/boot.ts";
import { compress } from "./vite/compress.ts";

const server = process.env.HELI_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), boot(server), compress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    proxy: { "/api": { target: server, changeOrigin: false } },
  },
  build: {
    outDir: "dist",
    target: "es2023",
    // The content policy forbids inline code; small pictures stay files so that they are cached by name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    passWithNoTests: true,
    restoreMocks: true,
  },
});
