// @ts-check
/** Codes by the camera: opens it, reads picture after picture, tells each text once. */

import { Refused } from "../core/signed.js";
import { openReader } from "./reader.js";

const WIDTH = 1280, HEIGHT = 720;  // a code of version 20 has 105 modules: enough for a phone at arm's length
const SAME_AGAIN_MS = 1_500;
const PAUSE_MS = 30;
const REFUSED = { NotAllowedError: "camera_refused", SecurityError: "camera_refused", NotFoundError: "camera_none",
  OverconstrainedError: "camera_none", NotReadableError: "camera_busy", AbortError: "camera_busy" };

/**
 * @typedef {(() => void) & {torch: ((isOn: boolean) => Promise<void>) | null}} Stop ends it; torch:
 *   the light, where this camera has one
 */

/**
 * Reads codes until it is stopped, or `video` leaves the page. The same code is told again only
 * when it has been out of sight for a moment. Throws Refused `camera_not_secure`, `camera_none`,
 * `camera_refused`, `camera_busy`, `reader_not_here`, `codes_not_here`.
 * @param {HTMLVideoElement} video shows what the camera sees
 * @param {(text: string) => void} onText
 * @param {(error: Refused) => void} [onEnd] the camera went away by itself: `camera_stopped`
 * @returns {Promise<Stop>}
 */
export async function scan(video, onText, onEnd = () => {}) {
  const read = await openReader();
  const stream = await openCamera();
  const [track] = stream.getVideoTracks();
  const eye = new Eye(video, read, onText);
  const stop = () => {
    eye.isStopped = true;
    for (const each of stream.getTracks()) each.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  track.addEventListener("ended", () => {
    if (!eye.isStopped) onEnd(new Refused("camera_stopped"));
    stop();
  });
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  try {
    await video.play();
  } catch {
    stop();
    throw new Refused("camera_stopped");
  }
  eye.look(stop);
  return Object.assign(stop, { torch: torchOf(track) });
}

/** @returns {Promise<MediaStream>} */
async function openCamera() {
  if (!globalThis.isSecureContext) throw new Refused("camera_not_secure");
  if (!navigator.mediaDevices?.getUserMedia) throw new Refused("camera_none");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: {
      facingMode: { ideal: "environment" }, width: { ideal: WIDTH }, height: { ideal: HEIGHT } } });
  } catch (error) {
    throw new Refused(REFUSED[error?.name] ?? "camera_busy");
  }
}

/** @param {MediaStreamTrack} track */
function torchOf(track) {
  if (!(/** @type {any} */ (track.getCapabilities?.())?.torch)) return null;
  return (/** @type {boolean} */ isOn) => track.applyConstraints(/** @type {any} */ ({ advanced: [{ torch: isOn }] }));
}

/** Looks at one picture after another, never at two at once. */
class Eye {
  /**
   * @param {HTMLVideoElement} video
   * @param {import("./reader.js").Reader} read
   * @param {(text: string) => void} onText
   */
  constructor(video, read, onText) {
    this.video = video;
    this.read = read;
    this.onText = onText;
    this.isStopped = false;
    this.canvas = document.createElement("canvas");
    /** When a text was last in sight. @type {Map<string, number>} */
    this.seen = new Map();
  }

  /** @param {() => void} stop when the screen has been left */
  async look(stop) {
    while (!this.isStopped) {
      if (!this.video.isConnected) { stop(); return; }
      const picture = document.hidden ? null : this.picture();
      const texts = picture ? await this.read(picture).catch(() => []) : [];
      if (!this.isStopped) texts.forEach((text) => this.tell(text));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** @returns {ImageData|null} null: there is none yet */
  picture() {
    const { video, canvas } = this;
    if (!video.videoWidth || video.readyState < video.HAVE_CURRENT_DATA) return null;
    const scale = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(video, 0, 0, canvas.width, canvas.height);
    return context?.getImageData(0, 0, canvas.width, canvas.height) ?? null;
  }

  /** @param {string} text */
  tell(text) {
    const now = performance.now();
    const before = this.seen.get(text) ?? -Infinity;
    for (const [each, at] of this.seen) if (now - at > SAME_AGAIN_MS) this.seen.delete(each);
    this.seen.set(text, now);
    if (now - before > SAME_AGAIN_MS) this.onText(text);
  }
}
