// The viewer's types, and those of its verifier.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../web");
install(web);
const done = spawnSync(process.execPath, [join(web, "node_modules/typescript/bin/tsc"), "-p", web], { stdio: "inherit" });
process.exit(done.status ?? 1);
