// Two linters on docs/api/openapi.yaml: any warning is a failure.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const document = join(here, "../../docs/api/openapi.yaml");
install(here);

let failed = false;
function lint(name, entry, args, clean) {
  const done = spawnSync(process.execPath, [join(here, "node_modules", entry), ...args], {
    cwd: here,
    encoding: "utf8",
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  });
  const said = done.stdout + done.stderr;
  const good = done.status === 0 && clean(said);
  console.log(`${name}: ${good ? "clean" : `exit ${done.status}\n${said}`}`);
  failed ||= !good;
}

lint("redocly", "@redocly/cli/bin/cli.js", ["lint", "--config", "redocly.yaml", document], (said) => !/warning/i.test(said));
lint(
  "spectral",
  "@stoplight/spectral-cli/dist/index.js",
  ["lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", document],
  (said) => /No results/.test(said),
);
process.exit(failed ? 1 : 0);
