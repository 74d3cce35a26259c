/** Names of images that no registry can have. The API server takes them, and the kubelet never pulls them (InvalidImageName). */
import { listAt } from "../objects";
import { valueAt } from "../../json/value-at";
import type { Advise } from "./types";

// Source: `regexp.go` of distribution/reference, which the kubelet uses.
const HOST = String.raw`(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])`;
const DOMAIN = String.raw`(?:${HOST}(?:\.${HOST})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`;
const COMPONENT = String.raw`[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*`;
const REFERENCE = new RegExp(
  String.raw`^(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);
/** What a registry takes for a repository is at most 255 characters long; tag and digest come on top. */
const MAX_LENGTH = 600;

export const adviseOnImages: Advise = ({ groups }) =>
  groups.flatMap(({ object, pods: { template } }) => {
    const images = ["initContainers", "containers"].flatMap((list) =>
      listAt(template.spec, list).map((container) => valueAt(container, "image")),
    );
    return [...new Set(images)]
      .filter((image): image is string => typeof image === "string" && image !== "" && !isReference(image))
      .map((image) => ({
        object,
        message: `${JSON.stringify(image.slice(0, MAX_LENGTH))} is no name of an image, so that the container never starts. Write registry/repository:tag in lower case, with every variable filled in`,
      }));
  });

function isReference(image: string): boolean {
  return image.length <= MAX_LENGTH && REFERENCE.test(image);
}
