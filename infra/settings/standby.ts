/** Which caches may run beside the active one. Pure. */
import { CATALOGUE, familyOf, isLocal, type Plan } from "../plans/catalogue.ts";
import type { Problem } from "./problems.ts";
import type { RawSettings } from "./schema.ts";

export function problemsOfStandby({ plan, standby, azure, upstash }: RawSettings): Problem[] {
  // Which cache a standby plan would have, one of its own or the one that was adopted, nobody could tell.
  const adopted: Readonly<Partial<Record<Service, string | undefined>>> = {
    azure: azure?.adopt,
    upstash: upstash?.adopt,
  };
  const families = [plan, ...standby].map(familyOf);
  return standby.flatMap((kept, index) => {
    const key = `standby.${index}`;
    if (isLocal(plan)) return [{ key, words: `does not fit a cache on this machine (plan is ${plan})` }];
    if (isLocal(kept) || kept === "external") return [{ key, words: `must be a cloud plan, not ${kept}` }];
    if (azure?.resize === "in-place" && CATALOGUE[kept].provider === CATALOGUE[plan].provider) {
      return [
        {
          key,
          words: `must be of another service than the active plan while azure.resize is in-place: ${kept} and ${plan} are then one cache in two sizes`,
        },
      ];
    }
    const by = adopted[serviceOf(kept)];
    if (by !== undefined && serviceOf(kept) !== serviceOf(plan)) {
      return [
        {
          key,
          words: `must not be ${kept} while ${serviceOf(kept)}.adopt names ${by}: an adopted cache stays by itself when the plan changes; for another one of your own take ${serviceOf(kept)}.adopt out`,
        },
      ];
    }
    if (families.indexOf(familyOf(kept)) <= index) {
      return [
        {
          key,
          words: `must be of another family than the active plan and the other standby plans (${kept})`,
        },
      ];
    }
    return [];
  });
}

type Service = "azure" | "upstash" | "none";
/** Where a plan's cache is adopted. */
function serviceOf(plan: Plan): Service {
  const { provider } = CATALOGUE[plan];
  if (provider === "azure" || provider === "azure-managed") return "azure";
  return provider === "upstash" ? "upstash" : "none";
}
