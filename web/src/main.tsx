import { render } from "preact";
import { App } from "./app";
import { followLive } from "./live";
import { followQuestion, followSummaries } from "./results";
import { applyTheme, followAddress, restoreSession } from "./state";
import "./style.css";

applyTheme();
followAddress();
followQuestion();
followSummaries();
followLive();
render(<App />, document.getElementById("app")!);
void restoreSession();
