// @ts-check
/**
 * What a scanned text means: a document, a person's slip, a plate, a tube's label, a part of a
 * hand-over. Readers type what their maker chose, so nothing is read by position: a document's
 * number is found by its check character (as `pratique/registry/scans.py` does).
 */

import { PaperRefused, readDocument, readPlate } from "./papers.js";

/**
 * @typedef {{type: "document"|"person"|"plate"|"tube"|"frame"|"unknown", code: string, text: string,
 *   kind?: string, number?: string, name?: string, id?: string}} Scan
 *   code: how a thing with it is found on this device ("" where nothing is).
 */

const LENGTH_MAX = 4000;
const SLIP = /^PQP([0-9A-F]{32})$/;
const FRAME = /^PQ1:/;
const OWN_TUBE = /^PQ\d{10}$/;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/;
const ESCAPED = /\\u([0-9a-fA-F]{4})/g;
const SEPARATORS = /[\s|,;:#&*"'{}[\]=，。；：、/\\]+/u;
const NUMBER_RUN = /[0-9X]{18,}/g;
const NAME = /^(?:\p{Unified_Ideograph}{2,4}|\p{Unified_Ideograph}{1,20}(?:·\p{Unified_Ideograph}{1,20}){1,4})$/u;
const DOTS = /[·•∙⋅・‧．.]/gu;
const LABELS = new Set(["姓名", "性别", "民族", "出生", "出生日期", "住址", "地址", "公民身份号码", "身份证号",
  "身份证号码", "证件号码", "证号", "号码", "签发机关", "有效期限", "有效期", "长期", "身份证", "居民身份证", "未知"]);
const PEOPLES = new Set(("蒙古 维吾尔 布依 朝鲜 土家 哈尼 哈萨克 傈僳 高山 拉祜 东乡 纳西 景颇 柯尔克孜 达斡尔 仫佬 布朗 撒拉 "
  + "毛南 仡佬 锡伯 阿昌 普米 塔吉克 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺").split(" "));
const ADDRESS = /[省市区县旗乡镇街道村组号室路局队社屯族]/u;

/**
 * The meaning of what a reader typed or a camera saw. Never throws: what means nothing is "unknown".
 * @param {string} burst
 * @param {string} today "2022-08-20", the day of asking
 * @returns {Scan}
 */
export function readScan(burst, today) {
  const text = burst.slice(0, LENGTH_MAX).replace(ESCAPED, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .normalize("NFKC").trim();
  if (FRAME.test(text)) return { type: "frame", code: "", text };
  const slip = SLIP.exec(text.toUpperCase());
  if (slip) {
    const id = uuidOf(slip[1]);
    return { type: "person", code: `person:${id}`, text, id };
  }
  const document = documentIn(text, today);
  if (document) return document;
  const plate = plateOf(text);
  if (plate) return { type: "plate", code: `plate:${plate}`, text: plate, number: plate };
  if (OWN_TUBE.test(text) || LABEL.test(text) && /\d/.test(text)) return { type: "tube", code: `tube:${text}`, text };
  return { type: "unknown", code: "", text };
}

/** What a person's slip has in its square code. @param {string} person a UUID */
export function slipOf(person) {
  return `PQP${person.replaceAll("-", "").toUpperCase()}`;
}

/** @param {string} text @param {string} today @returns {Scan|null} */
function documentIn(text, today) {
  const found = new Set();
  for (const [run] of text.toUpperCase().matchAll(NUMBER_RUN)) {
    for (let at = 0; at + 18 <= run.length; at += 1) {
      const word = run.slice(at, at + 18);
      if (!isRight(word, today)) continue;
      found.add(word);
      at += 17;
    }
  }
  if (found.size !== 1) return null;
  const [number] = found;
  return { type: "document", code: `document:${number}`, text, kind: kindOf(number), number,
    name: nameIn(text.replace(new RegExp(number, "i"), " ")) };
}

/** @param {string} number */
function kindOf(number) {
  return number.startsWith("9") ? "foreign_permanent_resident" : "resident_id";
}

/** @param {string} word @param {string} today */
function isRight(word, today) {
  try {
    readDocument(kindOf(word), word, today);
    return true;
  } catch (error) {
    if (error instanceof PaperRefused) return false;
    throw error;
  }
}

/** The first field that can be a name. @param {string} text */
function nameIn(text) {
  for (const field of text.split(SEPARATORS)) {
    const label = [...LABELS].find((each) => field.length > each.length && field.startsWith(each));
    const word = (label ? field.slice(label.length) : field).replace(DOTS, "·");
    if (NAME.test(word) && !LABELS.has(word) && !PEOPLES.has(word) && !ADDRESS.test(word.slice(-1))) return word;
  }
  return "";
}

/** @param {string} text */
function plateOf(text) {
  try {
    const plate = readPlate(text);
    return plate.kind === "unrecognised" ? "" : plate.text;
  } catch (error) {
    if (error instanceof PaperRefused) return "";
    throw error;
  }
}

/** @param {string} hex 32 signs */
function uuidOf(hex) {
  return hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
