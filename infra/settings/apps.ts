/** What may be wrong with the apps that a cache is wired to. Pure. */
import type { Problem } from "./problems.ts";
import type { AppConfig, RawSettings } from "./schema.ts";

export function problemsOfApps({ app, azure, proof }: RawSettings): Problem[] {
  const apps = appsOf(app);
  const problems: Problem[] = [];
  if (proof.mode === "app" && !apps.some(({ manage }) => manage)) {
    problems.push({
      key: "proof.mode",
      words: "must be direct or off: app proves the cache through an App Service, and app names none",
    });
  }
  apps.forEach(({ slot }, index) => {
    if (slot?.toLowerCase() !== "production") return;
    const key = `${Array.isArray(app) ? `app[${index}]` : "app"}.slot`;
    problems.push({ key, words: "must be removed: production is the app itself, not a slot", remove: key });
  });
  const own = apps.find(({ resourceGroup }) => resourceGroup === azure?.resourceGroup);
  if (azure?.createResourceGroup && own) {
    problems.push({
      key: "azure.createResourceGroup",
      words: `must be false: ${own.name} lives in ${own.resourceGroup}, and a group that is made here is removed with the cache`,
    });
  }
  const names = apps.map(({ name, resourceGroup, slot }) =>
    [resourceGroup, name, slot].join("/").toLowerCase(),
  );
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) {
      problems.push({ key: `app.${index}`, words: "names an app that stands in the list already" });
    }
  });
  return problems;
}

export function appsOf(app: RawSettings["app"]): AppConfig[] {
  if (app === undefined) return [];
  return Array.isArray(app) ? app : [app];
}
