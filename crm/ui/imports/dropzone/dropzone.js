// The place to choose a file or drop one on, and the progress of its upload.

const MEGABYTE = 2 ** 20;

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function size(bytes) {
  return bytes >= MEGABYTE ? `${(bytes / MEGABYTE).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} kB`;
}

function seconds(left) {
  if (left < 60) return tr("{seconds} s left", { seconds: Math.max(1, Math.round(left)) });
  return tr("{minutes} min left", { minutes: Math.round(left / 60) });
}

class Dropzone {
  constructor(element) {
    this.element = element;
    this.request = null;
    this.ask();
    element.addEventListener("dragover", (event) => {
      event.preventDefault();
      element.classList.add("over");
    });
    element.addEventListener("dragleave", () => element.classList.remove("over"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      element.classList.remove("over");
      if (!this.request && event.dataTransfer.files.length) this.take([...event.dataTransfer.files]);
    });
    this.warn = (event) => event.preventDefault();
  }

  // The invitation, with what went wrong before, if anything did.
  ask(trouble = "") {
    this.request = null;
    const input = make("input", "file");
    input.type = "file";
    input.setAttribute("aria-label", tr("File to import"));
    input.addEventListener("change", () => input.files.length && this.take([...input.files]));
    this.input = input;
    const button = make("button", "choose", tr("Choose a file"));
    button.type = "button";
    button.addEventListener("click", () => input.click());
    const line = make("p", "lead");
    line.append(button, " " + tr("or drop it here"));
    this.hint = make("p", "hint");
    this.fault = make("p", "fault", trouble);
    this.fault.setAttribute("role", "alert");
    this.fault.hidden = !trouble;
    this.element.replaceChildren(input, line, this.hint, this.fault);
    this.describe();
  }

  describe() {
    if (!this.data || !this.hint) return;
    this.input.accept = this.data.suffixes.join(",");
    this.hint.textContent = tr("CSV, Excel or OpenDocument with a header row, up to {size}", {
      size: this.data.largestWords,
    });
  }

  take(files) {
    if (files.length > 1) return this.ask(tr("One file at a time, please."));
    const [file] = files;
    const known = this.data.suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix));
    if (!known) {
      return this.ask(tr("“{name}” is not one of {kinds}.", { name: file.name, kinds: this.data.suffixes.join(", ") }));
    }
    if (file.size > this.data.largest) {
      return this.ask(tr("“{name}” has {size}, more than fits here.", { name: file.name, size: size(file.size) }));
    }
    this.upload(file);
  }

  upload(file) {
    const began = performance.now();
    const request = new XMLHttpRequest();
    this.request = request;
    this.show(file);
    request.upload.addEventListener("progress", (event) => this.progress(event.loaded, file.size, began));
    request.addEventListener("load", () => this.loaded(request));
    request.addEventListener("error", () => this.end(tr("The connection was lost. Try again.")));
    request.addEventListener("abort", () => this.end(""));
    request.open("PUT", `/uploads?name=${encodeURIComponent(file.name)}`);
    request.send(file);
    window.addEventListener("beforeunload", this.warn);
  }

  show(file) {
    const name = make("p", "name", file.name);
    this.bar = make("progress", "bar");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", tr("Uploading {name}", { name: file.name }));
    this.done = make("p", "hint", tr("{done} of {total}", { done: "0", total: size(file.size) }));
    const cancel = make("button", "cancel", tr("Cancel"));
    cancel.type = "button";
    cancel.addEventListener("click", () => this.request.abort());
    this.element.replaceChildren(name, this.bar, this.done, cancel);
  }

  progress(loaded, total, began) {
    this.bar.value = total ? loaded / total : 1;
    const passed = (performance.now() - began) / 1000;
    const left = loaded && passed > 2 && loaded < total ? `, ${seconds((passed / loaded) * (total - loaded))}` : "";
    const done = tr("{done} of {total}", { done: size(loaded), total: size(total) });
    this.done.textContent = loaded >= total ? tr("Saving …") : done + left;
  }

  loaded(request) {
    if (request.status !== 201) {
      const reason = request.responseText.length < 300 ? request.responseText : "";  // longer: a page of a proxy
      return this.end(reason || tr("The upload was refused ({status}).", { status: request.status }));
    }
    window.removeEventListener("beforeunload", this.warn);
    this.done.textContent = tr("Reading the file …");
    this.uploaded(JSON.parse(request.responseText).id);
  }

  end(trouble) {
    window.removeEventListener("beforeunload", this.warn);
    this.ask(trouble);
  }
}

const zones = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const known = zones.get(parentElement);
  const zone = known ?? new Dropzone(parentElement.querySelector(".zone"));
  zones.set(parentElement, zone);
  zone.data = data;
  zone.uploaded = (id) => setTriggerValue("uploaded", id);
  if (!known) zone.describe();
  return ending(parentElement, () => {
    if (zone.request) zone.request.abort();
    zones.delete(parentElement);
  });
}
