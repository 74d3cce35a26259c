import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wholeCertificate } from "../../src/control-plane/certificate";

const folder = mkdtempSync(join(tmpdir(), "shared-gpu-certificate-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${"A".repeat(64)}\n-----END CERTIFICATE-----\n`;

test.each([
  ["empty, as it is between its opening and its first byte", "", undefined],
  ["half written", CERTIFICATE.slice(0, 60), undefined],
  ["one of two", `${CERTIFICATE}-----BEGIN CERTIFICATE-----\nAAAA`, undefined],
  ["whole", CERTIFICATE, CERTIFICATE],
  ["a chain", CERTIFICATE + CERTIFICATE, CERTIFICATE + CERTIFICATE],
])("a certificate that is %s", (_, text, expected) => {
  const path = join(folder, "apiserver.crt");
  writeFileSync(path, text);
  expect(wholeCertificate(path)).toBe(expected);
});

test("one that is not there yet is an error, as for any other file", () => {
  expect(() => wholeCertificate(join(folder, "none.crt"))).toThrow("ENOENT");
});
