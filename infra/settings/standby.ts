/** Which caches may run beside the active one. Pure. */
import { CATALOGUE, type Cloud, cloudOf, familyOf, isIn, isLocal } from "../plans/catalogue.ts";
import type { Problem } from "./problems.ts";
import type { RawSettings } from "./schema.ts";

export function problemsOfStandby({ plan, standby, azure, upstash }: RawSettings): Problem[] {
  // It would be unclear which cache a standby plan has: one of its own, or the adopted one.
  const adopted: Readonly<Partial<Record<Cloud, string | undefined>>> = {
    azure: azure?.adopt,
    upstash: upstash?.adopt,
  };
  const families = [plan, ...standby].map(familyOf);
  return standby.flatMap((kept, index) => {
    const key = `standby.${index}`;
    if (isLocal(plan)) return [{ key, words: `does not fit a cache on this machine (plan is ${plan})` }];
    if (isLocal(kept) || isIn("elsewhere", kept))
      return [{ key, words: `must be a cloud plan, not ${kept}` }];
    if (azure?.resize === "in-place" && CATALOGUE[kept].provider === CATALOGUE[plan].provider) {
      return [
        {
          key,
          words: `must be of another service than the active plan while azure.resize is in-place: ${kept} and ${plan} are then one cache in two sizes`,
        },
      ];
    }
    const by = adopted[cloudOf(kept)];
    if (by !== undefined && cloudOf(kept) !== cloudOf(plan)) {
      return [
        {
          key,
          words: `must not be ${kept} while ${cloudOf(kept)}.adopt names ${by}: an adopted cache stays by itself when the plan changes; for another one of your own take ${cloudOf(kept)}.adopt out`,
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
