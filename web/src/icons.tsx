// Small drawings; decoration beside words, so hidden from readers of screens.
const PATHS: Record<string, string> = {
  search: "M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 4 4",
  close: "m3 3 10 10M13 3 3 13",
  clock: "M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM8 4v4l3 2",
  live: "M8 9.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 11.5a5 5 0 0 1 0-7m7 0a5 5 0 0 1 0 7M2.3 13.7a8 8 0 0 1 0-11.4m11.4 0a8 8 0 0 1 0 11.4",
  download: "M8 1v9m-4-3.5L8 10.5l4-4M2 14.5h12",
  columns: "M2 2.5h12v11H2zM6 2.5v11M10 2.5v11",
  filter: "M1.5 3h13M4 8h8M6.5 13h3",
  pause: "M5 2.5v11M11 2.5v11",
  play: "m4 2.5 9 5.5-9 5.5z",
  copy: "M5.5 5.5h8v8h-8zM10.5 2.5h-8v8",
  link: "M6.5 9.5 9.5 6.5M7 4.5l1.7-1.7a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.7 1.7a3.2 3.2 0 0 1-4.5-4.5L4.5 7",
  up: "m3 10 5-5 5 5",
  down: "m3 6 5 5 5-5",
  left: "m10 3-5 5 5 5",
  right: "m6 3 5 5-5 5",
  plus: "M8 2.5v11M2.5 8h11",
  minus: "M2.5 8h11",
  refresh: "M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.5M13.5 2v3.5H10",
  shield: "M8 1.5 2.5 3.5v4c0 3.5 2.3 6 5.5 7 3.2-1 5.5-3.5 5.5-7v-4zM5.5 8l2 2 3.2-3.8",
  alert: "M8 1.8 15 14H1zM8 6.5v3.2m0 1.9v.4",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13",
  key: "M10.5 9a3.5 3.5 0 1 0-3.3-2.3L2 12v2h2.5v-2h2v-2l.7-.7",
  help: "M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM6 6.2a2 2 0 1 1 2.8 1.9c-.5.3-.8.6-.8 1.2m0 2.2v.2",
  out: "M6 2H2.5v12H6M6 8h8m-3-3 3 3-3 3",
  pair: "M2 5.5h11l-2.5-2.5M14 10.5H3l2.5 2.5",
  check: "m2.5 8.5 3.5 3.5 7.5-8",
  bookmark: "M4 2h8v12l-4-3-4 3z",
  edit: "M2.5 13.5 3 10.5 10.5 3 13 5.5 5.5 13z",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4.2 4.5l.6 9h6.4l.6-9",
  circle: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z",
};

export function Icon({ name, size = 16 }: { name: keyof typeof PATHS | string; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
