/** The pack beside the program of ../index.ts: one policy that looks for words in selectors, type-checked at every run. */
import * as k8s from "@pulumi/kubernetes";
import { PolicyPack, validateResourceOfType } from "@pulumi/policy";

const refused = ["4g.20gb", "7g.40gb", "7g.80gb"];

new PolicyPack("mig-policy", {
  policies: [
    {
      name: "no-large-mig-profiles",
      description: "Refuses claim templates that name a large MIG profile.",
      enforcementLevel: "mandatory",
      validateResource: validateResourceOfType(k8s.resource.v1.ResourceClaimTemplate, (template, _args, report) => {
        for (const { exactly } of template.spec.spec.devices?.requests ?? []) {
          for (const { cel } of exactly?.selectors ?? []) {
            const profile = refused.find((name) => cel?.expression.includes(`"${name}"`));
            if (profile !== undefined) {
              report(`asks for ${profile}`);
            }
          }
        }
      }),
    },
  ],
});
