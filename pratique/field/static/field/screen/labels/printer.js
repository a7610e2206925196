// @ts-check
/** Ways out of the device: the browser's print, a label printer on USB, another app, a file. */

const PRINTERS = 7;  // the class of printers on USB
const KEPT_MS = 60_000;

/**
 * Sends a printer its forms over WebUSB. Throws `{code}`: `printer_unsupported`, `printer_none`,
 * `printer_denied`, `printer_failed`.
 * @param {any} usb `navigator.usb`, or what stands in for it
 * @param {string} forms
 */
export async function sendToPrinter(usb, forms) {
  if (!usb) throw { code: "printer_unsupported" };
  const device = await chosen(usb);
  try {
    await device.open();
    if (!device.configuration) await device.selectConfiguration(1);
    const { number, out } = outOf(device.configuration);
    await device.claimInterface(number);
    try {
      const { status } = await device.transferOut(out, new TextEncoder().encode(forms));
      if (status !== "ok") throw { code: "printer_failed", params: { why: status } };
    } finally {
      await device.releaseInterface(number).catch(() => {});
    }
  } catch (error) {
    throw refusalOf(error);
  } finally {
    await device.close().catch(() => {});
  }
}

async function chosen(usb) {
  try {
    return await usb.requestDevice({ filters: [{ classCode: PRINTERS }] });
  } catch (error) {
    throw { code: error?.name === "NotFoundError" ? "printer_none" : "printer_denied" };
  }
}

/** The printer's interface and where it takes bytes. */
function outOf(configuration) {
  for (const { interfaceNumber, alternate } of configuration?.interfaces ?? []) {
    if (alternate.interfaceClass !== PRINTERS) continue;
    const out = alternate.endpoints.find(({ direction, type }) => direction === "out" && type === "bulk");
    if (out) return { number: interfaceNumber, out: out.endpointNumber };
  }
  throw { code: "printer_none" };
}

/** "Access denied" on open and a claim that fails: the system's own driver has it. */
function refusalOf(error) {
  if (error?.code && typeof error.code === "string") return error;
  if (["SecurityError", "NetworkError", "InvalidStateError"].includes(error?.name)) return { code: "printer_denied" };
  return { code: "printer_failed", params: { why: error?.name ?? "error" } };
}

/**
 * Hands the forms to another app where the system can, else to the folder of downloads.
 * @param {string} forms
 * @returns {Promise<"shared"|"saved"|"left">}
 */
export async function handOut(forms) {
  const file = new File([forms], "labels.zpl", { type: "text/plain" });
  if (navigator.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file] });
      return "shared";
    } catch (error) {
      if (error?.name === "AbortError") return "left";
    }
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
  return "saved";
}

/**
 * Prints pictures by the browser, one a page of the stock's size.
 * @param {SVGElement[]} pictures @param {import("../../core/label_layout.js").Stock} stock
 */
export function printPages(pictures, { width, height }) {
  document.getElementById("label-sheet")?.remove();
  const sheet = document.createElement("div");
  sheet.id = "label-sheet";
  sheet.setAttribute("aria-hidden", "true");
  sheet.append(...pictures.map((picture) => {
    const page = document.createElement("div");
    page.className = "label-page";
    page.append(picture);
    return page;
  }));
  document.body.append(sheet);
  document.body.classList.add("prints-labels");
  const size = new CSSStyleSheet();
  size.replaceSync(`@page { size: ${width}mm ${height}mm; margin: 0 }`);
  document.adoptedStyleSheets = [size];
  addEventListener("afterprint", () => {
    sheet.remove();
    document.body.classList.remove("prints-labels");
    document.adoptedStyleSheets = [];
  }, { once: true });
  print();
}
