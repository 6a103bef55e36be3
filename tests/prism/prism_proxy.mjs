// A validating proxy (Prism) in front of a server: what an answer or a request has that the description
// does not allow stands in the header sl-violations of the answer.
//
// usage: node prism_proxy.mjs http://127.0.0.1:PORT DESCRIPTION.json
// Prints its own address; ends with its input.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

install(dirname(fileURLToPath(import.meta.url)));
// The parts that Prism's own command is made of.
const require = createRequire(createRequire(import.meta.url).resolve("@stoplight/prism-cli/package.json"));
const { createLogger } = require("@stoplight/prism-core");
const { getHttpOperationsFromSpec } = require("@stoplight/prism-http");
const { createServer } = require("@stoplight/prism-http-server");

const [address, description] = process.argv.slice(2);
const server = createServer(await getHttpOperationsFromSpec(JSON.parse(readFileSync(description, "utf8"))), {
  cors: false,
  config: {
    isProxy: true,
    upstream: new URL(address),
    upstreamProxy: undefined,
    validateRequest: true,
    validateResponse: true,
    checkSecurity: false,
    errors: false,
    mock: { dynamic: false },
  },
  components: { logger: createLogger("proxy", { level: "silent" }) },
});
console.log(await server.listen(0, "127.0.0.1"));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
