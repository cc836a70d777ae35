/** The policy pack: `./propiq-cache pulumi preview --policy-pack infra/policy --stack prod`. */
import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { intentOf, stackOf } from "./intent.ts";
import { RULES, type Rule } from "./rules.ts";

new PolicyPack("propiq-cache", { enforcementLevel: "mandatory", policies: RULES.map(policyOf) });

function policyOf({
  name,
  description,
  ofResource,
  ofStack,
}: Rule): ResourceValidationPolicy | StackValidationPolicy {
  if (ofStack !== undefined) {
    return {
      name,
      description,
      validateStack({ resources }, report) {
        const wrong = ofStack(resources, intentOf(stackOf(resources[0]?.urn ?? "")));
        if (wrong !== undefined) report(`The stack ${wrong}`);
      },
    };
  }
  return {
    name,
    description,
    validateResource(resource, report) {
      const wrong = ofResource?.(resource, intentOf(stackOf(resource.urn)));
      if (wrong !== undefined) report(`${resource.name}: ${wrong}`);
    },
  };
}
