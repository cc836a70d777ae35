import { configDefaults, defineConfig } from "vitest/config";
import { testFiles } from "./test/support/test-files.ts";

/** They measure: whatever else the machine does at the same time, they would measure, too. */
const ALONE = [
  "test/check/probe/latency.test.ts",
  "test/infra/provider/app-settings/other-writer.test.ts",
  "test/journeys/prod-other-writer.test.ts",
];

const UNIT = testFiles("unit", []);

export default defineConfig({
  test: {
    // Long enough on a busy machine, too, that only a hang ends in a timeout.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    restoreMocks: true,
    tags: [
      { name: "pipeline", description: "many updates of whole stacks: `npm run test:pipeline`" },
      { name: "long", description: "repeats what other tests show: `npm run test:long`" },
      { name: "first-steps", description: "steps of a story whose later ones are long" },
    ],
    unstubEnvs: true,
    projects: [
      // They ask functions: a process and a module graph for each file would take three quarters of their time.
      { extends: true, test: { name: "unit", include: UNIT, isolate: false, maxWorkers: 3 } },
      {
        extends: true,
        test: {
          name: "behaviour",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...ALONE, ...UNIT],
          // Journeys mostly wait for apps and clouds: on two cores three take three quarters of the time of two.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: { name: "measured", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
