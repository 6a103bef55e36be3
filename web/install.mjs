// The packages of a folder, from its package-lock.json. For web/ and the tests that need Node.js.
//
// usage: node web/install.mjs FOLDER...
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, rmdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The first time, over a slow line, and with others at work: longer than any lock is held.
const LONGEST_MS = 1_500_000;

function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

// Two build trees may ask at once: a folder is the lock, since making one is atomic.
function withLock(folder, action) {
  const lock = join(folder, ".installing");
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (Date.now() > deadline || Date.now() - changed(lock) > LONGEST_MS) {
        rmSync(lock, { recursive: true, force: true });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    return action();
  } finally {
    rmdirSync(lock);
  }
}

// Fetches what package-lock.json of the folder names when it is not there or the lock has changed;
// throws when npm cannot.
export function install(folder) {
  const lock = join(folder, "package-lock.json");
  const mark = join(folder, "node_modules", ".package-lock.json");
  const current = () => changed(mark) >= changed(lock) && existsSync(mark);
  if (current()) return;
  withLock(folder, () => {
    if (current()) return;
    execFileSync(process.env.NPM || "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      stdio: "inherit",
    });
    utimesSync(mark, new Date(), new Date());
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.argv.slice(2).forEach(install);
}
