/** One change of one app: what the steps of an update hand to each other. */
import type { Operation } from "../protocol/resource.ts";
import type { AppSettingsInputs, AppSettingsState } from "./inputs.ts";
import type { Session } from "./session.ts";

export interface Change {
  readonly session: Session;
  readonly inputs: AppSettingsInputs;
  /** Of the last update; absent where the resource is new to the state (the app may know better). */
  readonly state: AppSettingsState | undefined;
  readonly operation: Operation;
}
