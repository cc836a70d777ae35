/** Messages of the program below an update. They may quote a cloud, so each is made safe for the log of a pipeline. */
import * as log from "@pulumi/pulumi/log/index.js";
import { safeLines } from "../base/safe-text.ts";

export const info = (text: string): Promise<void> => log.info(safeLines(text));
export const warn = (text: string): Promise<void> => log.warn(safeLines(text));
export const error = (text: string): Promise<void> => log.error(safeLines(text));
