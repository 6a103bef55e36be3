// What verify.mjs needs of Node.js when it runs there.
declare const process: { argv?: string[]; exitCode?: number } | undefined;
declare module "node:crypto";
declare module "node:fs";
declare module "node:readline";
