// Builds the viewer into a folder: index.html and assets/ with hashed names.
//
// usage: node web/build.mjs FOLDER
//
// Fetches the packages that package-lock.json names when they are not there or the lock has changed.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { install } from "./install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const SCRIPT_GZIP_MAX = 90 * 1000;

const out = process.argv[2];
if (!out) {
  console.error("usage: node web/build.mjs FOLDER");
  process.exit(2);
}

try {
  install(here);
} catch {
  console.error("npm could not fetch the viewer's packages; a build without it: -DPIPEROLL_VIEWER=OFF");
  process.exit(1);
}
const esbuild = await import(resolve(here, "node_modules/esbuild/lib/main.js"));

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "assets"), { recursive: true });

const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  outdir: join(resolve(out), "assets"),
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  metafile: true,
  // verify.mjs runs in Node.js too; that part is not for browsers.
  define: { process: "undefined" },
  external: ["node:*"],
  legalComments: "none",
  logLevel: "warning",
});

const made = Object.keys(result.metafile.outputs).map((path) => path.slice(path.lastIndexOf("/") + 1));
const script = made.find((name) => name.endsWith(".js"));
const style = made.find((name) => name.endsWith(".css"));
const scriptGzip = gzipSync(readFileSync(join(out, "assets", script)), { level: 9 }).length;
if (scriptGzip > SCRIPT_GZIP_MAX) {
  console.error(`the script is ${scriptGzip} bytes compressed, over ${SCRIPT_GZIP_MAX}`);
  process.exit(1);
}

const icon = readFileSync(join(here, "src/icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8).toUpperCase()}.svg`;
writeFileSync(join(out, "assets", iconName), icon);
const page = readFileSync(join(here, "src/index.html"), "utf8")
  .replace("/src/main.tsx", `/assets/${script}`)
  .replace("/src/style.css", `/assets/${style}`)
  .replace("/src/icon.svg", `/assets/${iconName}`);
writeFileSync(join(out, "index.html"), page);
console.log(`viewer: script ${scriptGzip} bytes compressed`);
