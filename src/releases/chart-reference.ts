/** What a reference to a Helm chart says: `gpu-operator`, `oci://registry.example/charts/gpu-operator`, `./gpu-operator-v26.3.3.tgz`. */

const ARCHIVE = /\.(?:tgz|tar\.gz)$/;
const VERSION_OF_ARCHIVE = /-(v?\d+\.\d+\.\d.*)$/;

/** The chart's own name, without repository, registry, folder, version or extension. */
export function chartName(reference: string): string {
  const file = fileOf(reference);
  return ARCHIVE.test(file) ? withoutExtension(file).replace(VERSION_OF_ARCHIVE, "") : file;
}

/**
 * The version that Helm installs. From an archive it installs what is in it, whatever version it is asked for, so the name of the file has to say it;
 * undefined: it does not.
 * @param asked the version beside the reference.
 */
export function installedVersion(reference: unknown, asked: unknown): unknown {
  const file = typeof reference === "string" ? fileOf(reference) : "";
  return ARCHIVE.test(file) ? VERSION_OF_ARCHIVE.exec(withoutExtension(file))?.[1] : asked;
}

/** The last part of the reference, without a tag. */
function fileOf(reference: string): string {
  const path = String(reference.split(/[?#@]/, 1)).replace(/\/+$/, "");
  return String(path.split("/").at(-1)).replace(/:[^:]*$/, "");
}

const withoutExtension = (file: string) => file.replace(ARCHIVE, "");
