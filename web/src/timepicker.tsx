// The range of time: presets, or from and to.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Icon } from "./icons";
import { Popover } from "./parts";
import { ask, range, zone } from "./state";
import { fromInput, inputValue, PRESETS, rangeLabel, zoneName } from "./time";

export const timeOpen = signal(false);

export function TimePicker() {
  return (
    <Popover
      open={timeOpen.value}
      onToggle={(open) => (timeOpen.value = open)}
      label="Range of time"
      button={
        <>
          <Icon name="clock" />
          <span>{rangeLabel(range.value, zone.value)}</span>
        </>
      }
    >
      <Panel key={JSON.stringify(range.value) + zone.value} />
    </Popover>
  );
}

function Panel() {
  const [from, setFrom] = useState(inputValue(range.value.from, zone.value));
  const [to, setTo] = useState(inputValue(range.value.to, zone.value));
  const choose = (chosen: typeof range.value) => {
    timeOpen.value = false;
    ask({ range: chosen });
  };
  const begin = fromInput(from, zone.value);
  const end = fromInput(to, zone.value);
  const wrong = begin !== undefined && end !== undefined && begin >= end;
  return (
    <div class="time-panel">
      <ul class="presets">
        <li>
          <button aria-pressed={!range.value.preset && range.value.from === undefined && range.value.to === undefined} onClick={() => choose({})}>
            All time
          </button>
        </li>
        {Object.entries(PRESETS).map(([key, { label }]) => (
          <li key={key}>
            <button aria-pressed={range.value.preset === key} onClick={() => choose({ preset: key })}>
              {label}
            </button>
          </li>
        ))}
      </ul>
      <form
        class="absolute"
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) choose({ from: begin, to: end });
        }}
      >
        <label>
          From
          <input type="datetime-local" step="1" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          To, exclusive
          <input type="datetime-local" step="1" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        {wrong && <p class="fault" role="alert">The range ends before it begins.</p>}
        <button class="primary" type="submit" disabled={wrong}>Apply</button>
        <fieldset>
          <legend>Times are shown in</legend>
          <label><input type="radio" name="zone" checked={zone.value === "utc"} onChange={() => (zone.value = "utc")} /> UTC</label>
          <label><input type="radio" name="zone" checked={zone.value === "local"} onChange={() => (zone.value = "local")} /> this browser's zone, {zoneName()}</label>
        </fieldset>
      </form>
    </div>
  );
}
