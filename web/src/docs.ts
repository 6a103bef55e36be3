// The page /docs: Swagger UI over this server's own description of its API. What is tried goes out
// with the key in the field above, or with the session of the viewer; neither is kept, and the curl
// command that is shown has neither.

interface Request {
  url: string;
  method?: string;
  headers: Record<string, string>;
}
declare const SwaggerUIBundle: (options: Record<string, unknown>) => unknown;

const csrf = () => /(?:^|; )[^=;]*_csrf=([^;]+)/.exec(document.cookie)?.[1];
const key = document.querySelector<HTMLInputElement>("#key")!;
document.querySelector("#key-form")!.addEventListener("submit", (event) => event.preventDefault());

function withCredential(request: Request): Request {
  if (new URL(request.url, location.href).origin !== location.origin) return request;
  const token = csrf();
  if (key.value.trim()) request.headers.Authorization = "Bearer " + key.value.trim();
  else if (token && (request.method ?? "GET").toUpperCase() !== "GET") request.headers["X-CSRF-Token"] = token;
  return request;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const kept = localStorage.getItem("piperoll-theme");
function colour(): void {
  const isDark = kept === "dark" || (kept !== "light" && dark.matches);
  document.documentElement.classList.toggle("dark-mode", isDark);
}
colour();
dark.addEventListener("change", colour);

const nothing = () => null;
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  validatorUrl: null,
  requestInterceptor: withCredential,
  showMutatedRequest: false,
  // Its own dialog would put the key into the curl command.
  plugins: [{ wrapComponents: { authorizeBtn: () => nothing, authorizeOperationBtn: () => nothing } }],
});

export {};
