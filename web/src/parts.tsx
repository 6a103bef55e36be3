// Pieces that several views share.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

const STATUS_ICON: Record<string, string> = { success: "check", failure: "close", intent: "clock" };

export function StatusBadge({ status }: { status: string }) {
  return (
    <span class={`badge status-${status}`}>
      <Icon name={STATUS_ICON[status] ?? "circle"} size={11} />
      {status}
    </span>
  );
}

/** Where there is no room the middle goes: in "windows.security.logon" the end says more. */
export function Cut({ text }: { text: string }) {
  const path = Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\"));
  const at = path > 0 ? path : text.lastIndexOf(".");
  const end = text.length - at;
  if (text.length < 18 || at < 4 || end < 3 || end > 12) return <>{text}</>;
  return <span class="cut-middle"><span>{text.slice(0, at)}</span><span>{text.slice(at)}</span></span>;
}

const LEVEL: Record<string, number> = { critical: 4, high: 3, medium: 2, low: 1, none: 0 };

export function Severity({ severity }: { severity: string }) {
  const level = LEVEL[severity] ?? 0;
  return (
    <span class={`severity severity-${severity}`}>
      <svg class="icon" width="15" height="11" viewBox="0 0 15 11" aria-hidden="true">
        {[0, 1, 2, 3].map((i) => (
          <rect key={i} x={i * 4} y={7.5 - i * 2.5} width="2.6" height={3.5 + i * 2.5} rx="1" class={i < level ? "on" : "off"} />
        ))}
      </svg>
      {severity}
    </span>
  );
}

export function State({ kind, title, children }: { kind: "empty" | "error" | "locked" | "loading"; title: string; children?: ComponentChildren }) {
  return (
    <div class={`state state-${kind}`} role={kind === "error" ? "alert" : "status"}>
      {kind === "loading" ? <span class="spinner" aria-hidden="true" /> : <Icon name={kind === "empty" ? "search" : kind === "locked" ? "key" : "alert"} size={28} />}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A dialog over the page: the focus stays in it and goes back where it was. */
export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const own = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = own.current!;
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => {
      dialog.close();
      before?.focus?.();
    };
  }, []);
  return (
    <dialog
      ref={own}
      class={wide ? "dialog wide" : "dialog"}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === own.current && onClose()}
    >
      <header>
        <h2>{title}</h2>
        <button class="quiet square" onClick={onClose} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

/** A button with a panel under it; Escape and a click elsewhere close it. */
export function Popover({ open, onToggle, label, button, children, align, name }: {
  open: boolean;
  onToggle: (open: boolean) => void;
  label: string;
  button: ComponentChildren;
  children: ComponentChildren;
  align?: "right";
  name?: string; // of the button, where its words are not always seen
}) {
  const own = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!own.current?.contains(event.target as Node)) onToggle(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onToggle(false);
      trigger.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    own.current!.addEventListener("keydown", key);
    const node = own.current!;
    node.querySelector<HTMLElement>(".popover [autofocus], .popover button, .popover input")?.focus();
    return () => {
      document.removeEventListener("pointerdown", outside);
      node.removeEventListener("keydown", key);
    };
  }, [open]);
  return (
    <div class="popover-holder" ref={own}>
      <button ref={trigger} class="tool" aria-label={name} aria-expanded={open} aria-haspopup="dialog" onClick={() => onToggle(!open)}>
        {button}
      </button>
      {open && (
        <div class={`popover ${align ?? ""}`} role="dialog" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}

export const number = (value: number) => value.toLocaleString("en");

export function shortNumber(value: number): string {
  if (value < 10_000) return number(value);
  return Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}
