// Builds the viewer and the page of the API into a folder: index.html, docs.html, and assets/ with
// hashed names.
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
  entryPoints: { app: "src/main.tsx", docs: "src/docs.ts", "docs-bar": "src/docs.css" },
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
const madeAs = (name, ending) => made.find((file) => new RegExp(`^${name}-[0-9A-Z]{8}\\.${ending}$`).test(file));
const script = madeAs("app", "js");
const scriptGzip = gzipSync(readFileSync(join(out, "assets", script)), { level: 9 }).length;
if (scriptGzip > SCRIPT_GZIP_MAX) {
  console.error(`the script is ${scriptGzip} bytes compressed, over ${SCRIPT_GZIP_MAX}`);
  process.exit(1);
}

/** As it is, under a name with its hash. */
function keep(name, ending, bytes) {
  const hashed = `${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase()}.${ending}`;
  writeFileSync(join(out, "assets", hashed), bytes);
  return hashed;
}

// What the page of the API is shown by is loaded by that page alone: the viewer never waits for it.
const swagger = (name) => readFileSync(join(here, "node_modules/swagger-ui-dist", name));
const licences = ["NOTICE", "LICENSE", "swagger-ui-bundle.js.LICENSE.txt"].map((name) => swagger(name).toString("utf8")).join("\n\n");
const parts = {
  "main.tsx": script,
  "style.css": madeAs("app", "css"),
  "icon.svg": keep("icon", "svg", readFileSync(join(here, "src/icon.svg"))),
  "docs.ts": madeAs("docs", "js"),
  "docs.css": madeAs("docs-bar", "css"),
  "swagger-ui.js": keep("swagger-ui", "js", swagger("swagger-ui-bundle.js")),
  "swagger-ui.css": keep("swagger-ui", "css", swagger("swagger-ui.css")),
  "licences.txt": keep("licences", "txt", licences),
};
for (const page of ["index.html", "docs.html"]) {
  const text = readFileSync(join(here, "src", page), "utf8").replace(/\/src\/([\w.-]+)/g, (_, name) => `/assets/${parts[name]}`);
  writeFileSync(join(out, page), text);
}
console.log(`viewer: script ${scriptGzip} bytes compressed`);
