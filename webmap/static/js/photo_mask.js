// Hides parts of a photo before it leaves the device: choose, draw rectangles by mouse, touch or keyboard, get a clean JPEG.
// What is drawn is filled in the pixels that are sent, and a canvas holds no EXIF: no place, no device, no thumbnail.

const LONGEST = 2048;
const QUALITY = 0.85;
const LEAST = 0.01;
const STEP = 0.02;

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// A rectangle between two corners, as shares of the picture: inside of it and never thinner than a hair.
export function between(a, b) {
  const left = clamp(Math.min(a.x, b.x), 0, 1 - LEAST);
  const top = clamp(Math.min(a.y, b.y), 0, 1 - LEAST);
  const right = clamp(Math.max(a.x, b.x), left + LEAST, 1);
  const bottom = clamp(Math.max(a.y, b.y), top + LEAST, 1);
  return { left, top, width: right - left, height: bottom - top };
}

// Arrow keys move an area, with Shift they resize it; it stays inside of the picture.
export function nudged(area, key, resize) {
  const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key];
  if (!by) return area;
  if (resize) {
    return {
      ...area,
      width: clamp(area.width + by[0], LEAST, 1 - area.left),
      height: clamp(area.height + by[1], LEAST, 1 - area.top),
    };
  }
  return {
    ...area,
    left: clamp(area.left + by[0], 0, 1 - area.width),
    top: clamp(area.top + by[1], 0, 1 - area.height),
  };
}

// The same areas for the server, which fills them once more.
export const asQuery = (areas) =>
  areas.map((a) => [a.left, a.top, a.width, a.height].map((share) => share.toFixed(6)).join(","));

export class PhotoMask {
  // `root` is an empty element; `words` has `choose`, `add`, `remove`, `area`, `photo` and `bad`; `changed` hears of every change.
  constructor(root, words, changed = () => {}) {
    this.words = words;
    this.changed = changed;
    this.areas = [];
    this.picture = null;
    this.chosen = -1;
    this.build(root);
  }

  build(root) {
    const doc = root.ownerDocument;
    const make = (tag, className, text = "") => Object.assign(doc.createElement(tag), { className, textContent: text });
    const label = make("label", "photo-choose", this.words.choose);
    this.input = Object.assign(doc.createElement("input"), { type: "file", accept: "image/jpeg,image/png,image/webp" });
    label.append(this.input);
    this.canvas = make("canvas", "photo-canvas");
    this.canvas.tabIndex = 0;
    this.canvas.hidden = true;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", this.words.photo);
    // A finger draws here instead of scrolling the page.
    this.canvas.style.touchAction = "none";
    this.addButton = Object.assign(make("button", "photo-add", this.words.add), { type: "button", disabled: true });
    this.removeButton = Object.assign(make("button", "photo-remove", this.words.remove), { type: "button", disabled: true });
    this.said = make("p", "photo-said");
    this.said.setAttribute("aria-live", "polite");
    root.replaceChildren(label, this.canvas, this.addButton, this.removeButton, this.said);
    this.input.addEventListener("change", () => this.choose(this.input.files[0]));
    this.addButton.addEventListener("click", () => this.add({ left: 0.35, top: 0.35, width: 0.3, height: 0.3 }));
    this.removeButton.addEventListener("click", () => this.remove());
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    this.canvas.addEventListener("pointerup", (event) => this.end(event));
    this.canvas.addEventListener("pointercancel", () => this.cancel());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  // Opens a photo upright and no larger than it is sent; false where it is no picture.
  async choose(file) {
    this.areas = [];
    this.chosen = -1;
    this.picture = null;
    if (file) {
      try {
        this.picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      } catch {
        this.said.textContent = this.words.bad;
      }
    }
    const there = Boolean(this.picture);
    this.canvas.hidden = !there;
    this.addButton.disabled = !there;
    if (there) {
      const scale = Math.min(1, LONGEST / Math.max(this.picture.width, this.picture.height));
      this.canvas.width = Math.max(1, Math.round(this.picture.width * scale));
      this.canvas.height = Math.max(1, Math.round(this.picture.height * scale));
    }
    this.show();
    return there;
  }

  add(area) {
    this.areas.push(area);
    this.chosen = this.areas.length - 1;
    this.canvas.focus();
    this.show();
  }

  remove() {
    if (this.chosen < 0) return;
    this.areas.splice(this.chosen, 1);
    this.chosen = this.areas.length - 1;
    this.show();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: clamp((event.clientX - box.left) / box.width, 0, 1), y: clamp((event.clientY - box.top) / box.height, 0, 1) };
  }

  begin(event) {
    if (!this.picture || event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.corner = this.place(event);
  }

  drag(event) {
    if (!this.corner) return;
    this.paint([...this.areas, between(this.corner, this.place(event))]);
  }

  end(event) {
    if (!this.corner) return;
    const from = this.corner;
    const to = this.place(event);
    this.corner = null;
    const inside = (a) => from.x >= a.left && from.x <= a.left + a.width && from.y >= a.top && from.y <= a.top + a.height;
    // A tap chooses what is there; a stroke draws.
    if (Math.abs(from.x - to.x) < LEAST && Math.abs(from.y - to.y) < LEAST) {
      this.chosen = this.areas.findLastIndex(inside);
      this.show();
      return;
    }
    this.add(between(from, to));
  }

  cancel() {
    this.corner = null;
    this.show();
  }

  key(event) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.remove();
    } else if (this.chosen >= 0 && event.key.startsWith("Arrow")) {
      event.preventDefault();
      this.areas[this.chosen] = nudged(this.areas[this.chosen], event.key, event.shiftKey);
      this.show();
    }
  }

  show() {
    this.removeButton.disabled = this.chosen < 0;
    if (this.picture) {
      this.said.textContent = `${this.words.area} ${this.areas.length}`;
      this.paint(this.areas);
    }
    this.changed(this.areas.length);
  }

  // The picture with its areas filled; the frame of the chosen one is for the eye and is not sent.
  paint(areas, framed = true) {
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.drawImage(this.picture, 0, 0, width, height);
    context.fillStyle = "#000";
    for (const a of areas) {
      const left = Math.floor(a.left * width);
      const top = Math.floor(a.top * height);
      context.fillRect(left, top, Math.ceil((a.left + a.width) * width) - left, Math.ceil((a.top + a.height) * height) - top);
    }
    const a = areas[this.chosen];
    if (framed && a) {
      context.strokeStyle = "#ffd400";
      context.lineWidth = Math.max(2, width / 300);
      context.strokeRect(a.left * width, a.top * height, a.width * width, a.height * height);
    }
  }

  // What is sent: a JPEG of the pixels alone, and the areas once more. Null without a photo.
  async result() {
    if (!this.picture) return null;
    this.paint(this.areas, false);
    const blob = await new Promise((done) => this.canvas.toBlob(done, "image/jpeg", QUALITY));
    this.paint(this.areas);
    return blob && { blob, hide: asQuery(this.areas) };
  }
}
