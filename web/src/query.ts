// What people write in the search bar, as tokens, and as parameters of the API.
//
//   action:user.delete          exact, or "contains" for names, e-mails, paths and other long texts
//   actor.email:=a@b.example    exact whatever the field
//   action:user.*               begins with
//   actor.name:*ada*            contains
//   status:failure,intent       one of several
//   error:*                     is there
//   -status:success             not this value; -error:* is not there
//   "free text"                 words anywhere in the event
import { fieldNamed, nearestField } from "./fields";

export type Operator = "equals" | "contains" | "prefix" | "in" | "exists";

export interface Token {
  field?: string; // absent: free text
  operator: Operator;
  negated: boolean;
  values: string[]; // one, or for "in" several
  text: string; // as written
  fault?: string;
}

const NEEDS_QUOTES = /[\s"]/;

function quoted(value: string): string {
  return NEEDS_QUOTES.test(value) || value === "" ? `"${value.replace(/(["\\])/g, "\\$1")}"` : value;
}

/** Splits at white space outside quotes. */
export function splitTokens(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  let inQuotes = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === "\\" && inQuotes && i + 1 < text.length) {
      piece += char + text[++i];
    } else if (char === '"') {
      inQuotes = !inQuotes;
      piece += char;
    } else if (/\s/.test(char) && !inQuotes) {
      if (piece) pieces.push(piece);
      piece = "";
    } else {
      piece += char;
    }
  }
  if (piece) pieces.push(piece);
  return pieces;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replace(/\\(["\\])/g, "$1");
}

export function parseToken(text: string): Token {
  const match = /^(-?)([A-Za-z][\w.\-]*):(.*)$/s.exec(text);
  if (!match) {
    const negated = text.startsWith("-") && text.length > 1;
    const token: Token = { operator: "contains", negated, values: [unquoted(negated ? text.slice(1) : text)], text };
    if (negated) token.fault = "words cannot be excluded: exclude a value of a field, as -status:success";
    return token;
  }
  const [, minus, name, rest] = match;
  const token: Token = { field: name, operator: "equals", negated: minus === "-", values: [unquoted(rest)], text };
  const field = fieldNamed(name);
  if (!field) {
    const hint = nearestField(name);
    token.fault = `there is no field ${name}` + (hint ? `; did you mean ${hint}?` : "");
    return token;
  }
  if (rest === "") {
    token.fault = "a value is missing";
    return token;
  }
  readValue(token, rest, field.match === "contains");
  if (token.negated && (token.operator === "contains" || token.operator === "prefix")) {
    token.fault = "only whole values can be excluded: write -" + name + ":=value";
  }
  const wrong = field.values && token.operator !== "exists" ? token.values.find((value) => !field.values!.includes(value)) : undefined;
  if (wrong !== undefined) token.fault = `${name} is one of ${field.values!.join(", ")}`;
  return token;
}

function readValue(token: Token, rest: string, containsByDefault: boolean): void {
  if (rest.startsWith("=")) {
    token.values = [unquoted(rest.slice(1))];
  } else if (rest.startsWith('"')) {
    token.operator = containsByDefault && !token.negated ? "contains" : "equals";
  } else if (rest === "*") {
    token.operator = "exists";
    token.values = [];
  } else if (rest.length > 2 && rest.startsWith("*") && rest.endsWith("*")) {
    token.operator = "contains";
    token.values = [unquoted(rest.slice(1, -1))];
  } else if (rest.length > 1 && rest.endsWith("*")) {
    token.operator = "prefix";
    token.values = [unquoted(rest.slice(0, -1))];
  } else if (rest.includes(",")) {
    token.operator = "in";
    token.values = rest.split(",").filter((value) => value !== "");
  } else if (containsByDefault && !token.negated) {
    token.operator = "contains";
  }
}

export function parseQuery(text: string): Token[] {
  return splitTokens(text).map(parseToken);
}

export function printQuery(tokens: Token[]): string {
  return tokens.map((token) => token.text).join(" ");
}

/** The token for exactly this value. */
export function exactToken(field: string, value: string, negated = false): Token {
  const contains = fieldNamed(field)?.match === "contains";
  const plain = !contains && !/[",*=]/.test(value) && !value.startsWith("=");
  return parseToken(`${negated ? "-" : ""}${field}:${plain ? quoted(value) : "=" + quoted(value)}`);
}

export function existsToken(field: string, negated = false): Token {
  return parseToken(`${negated ? "-" : ""}${field}:*`);
}

/** Is exactly this value included, excluded, or neither? */
export function stateOf(tokens: Token[], field: string, value: string): "in" | "out" | undefined {
  for (const token of tokens) {
    if (token.field !== field || (token.operator !== "equals" && token.operator !== "in")) continue;
    if (token.values.includes(value)) return token.negated ? "out" : "in";
  }
  return undefined;
}

function without(tokens: Token[], field: string, value: string): Token[] {
  return tokens.flatMap((token) => {
    if (token.field !== field || (token.operator !== "equals" && token.operator !== "in") || !token.values.includes(value)) return [token];
    const rest = token.values.filter((other) => other !== value);
    if (rest.length === 0) return [];
    return [rest.length === 1 ? exactToken(field, rest[0], token.negated) : parseToken(`${token.negated ? "-" : ""}${field}:${rest.join(",")}`)];
  });
}

/** What a click on a facet's value does: on again takes it away; a second value joins the first. */
export function toggleValue(tokens: Token[], field: string, value: string, negated: boolean): Token[] {
  const before = stateOf(tokens, field, value);
  const rest = without(tokens, field, value);
  if (before === (negated ? "out" : "in")) return rest;
  const joinable = !/[\s",*=]/.test(value);
  const at = rest.findIndex(
    (token) => token.field === field && token.negated === negated && (token.operator === "equals" || token.operator === "in") &&
      token.values.every((other) => !/[\s",*=]/.test(other)),
  );
  if (!negated && at >= 0 && joinable) {
    const joined = parseToken(`${field}:${[...rest[at].values, value].join(",")}`);
    return rest.map((token, i) => (i === at ? joined : token));
  }
  return [...rest, exactToken(field, value, negated)];
}

/** The parameters of the API. REQUIRES: no token has a fault. */
export function filterParameters(tokens: Token[]): [string, string][] {
  const parameters: [string, string][] = [];
  const words: string[] = [];
  for (const { field, operator, negated, values } of tokens) {
    if (!field) words.push(values[0]);
    else if (operator === "exists") parameters.push([field + ".exists", String(!negated)]);
    else if (negated) for (const value of values) parameters.push([field + ".ne", value]);
    else if (operator === "equals") parameters.push([field, values[0]]);
    else parameters.push([`${field}.${operator}`, values.join(",")]);
  }
  if (words.length) parameters.push(["q", words.join(" ")]);
  return parameters;
}
