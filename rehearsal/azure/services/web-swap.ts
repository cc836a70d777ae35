/**
 * The swap of two slots (https://github.com/projectkudu/kudu/wiki/Understanding-site-swaps): the source is started with
 * the settings that the target is to have, warmed up, and then the workers change places, so that the target is never
 * down; at last the other one is restarted with the settings that its new place has.
 */
import { ArmRefusal } from "../message.ts";
import type { Settings, SiteSlot } from "./web-site.ts";

/**
 * @param sticky names of the settings that stay with their slot
 * @throws ArmRefusal where the source does not start with the target's settings; nothing has changed then
 */
export async function swapSlots(
  source: SiteSlot,
  target: SiteSlot,
  sticky: readonly string[],
): Promise<void> {
  const [before, other] = [source.settings(), target.settings()];
  const ofTarget = { ...travelling(before, sticky), ...staying(other, sticky) };
  const ofSource = { ...travelling(other, sticky), ...staying(before, sticky) };
  if (!(await source.tryOn(ofTarget))) {
    await source.tryOn(before);
    throw workerNotStarted(source);
  }
  source.app.exchangeWorkers(target.app);
  target.keep(ofTarget);
  // Those of the target's users that the old workers still have.
  await source.app.drained();
  source.setSettings(ofSource);
}

const staying = (settings: Settings, sticky: readonly string[]): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => sticky.includes(name)));
const travelling = (settings: Settings, sticky: readonly string[]): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !sticky.includes(name)));

/** microsoft/azure-pipelines-tasks#13003. */
function workerNotStarted({ name, slot = "production" }: SiteSlot): ArmRefusal {
  return new ArmRefusal(
    400,
    "BadRequest",
    `Cannot swap slots for site '${name}' because the worker process for '${slot}' slot could not be started.`,
  );
}
