"""Prepare a bare machine: `python3 tools/prepare.py run` for the site, `… test` for the tests as well.

Needs nothing but Python itself (standard library only, since it runs before the virtual environment exists).
Everything is keyed by stamps inside .venv, so that a second call does nothing and takes a moment.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from ctypes.util import find_library
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
OLDEST = (3, 11)
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Missing(Exception):
    """Something only the person at the machine can supply; the message says what to type."""


def say(text):
    print("» " + text, flush=True)


def run(*command, **options):
    """Run a command; raise Missing with its name when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options)
    if done.returncode != 0:
        raise Missing("This step failed: " + " ".join(str(part) for part in command))


def works(*command, **options):
    """Does this command run and succeed?"""
    try:
        return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, capture_output=True, **options).returncode == 0
    except OSError:
        return False


def fingerprint(*parts):
    """A short hash of strings and of files' contents."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def is_stamped(name, mark):
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == mark


def put_stamp(name, mark):
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(mark)


def use_new_enough_python():
    """Go on under Python 3.11 or newer, looking for one beside `python3` when that is older."""
    if sys.version_info[:2] >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        other = shutil.which("python3.%d" % minor)
        if other:
            os.execv(other, [other] + sys.argv)
    raise Missing("Python 3.11 or newer is needed; this is %d.%d. On Debian or Ubuntu: apt install python3.11 python3.11-venv" % sys.version_info[:2])


@lru_cache(maxsize=None)
def apt_update():
    """Learn once what packages there are."""
    run("apt-get", "-qq", "update", stdout=subprocess.DEVNULL)


def apt_install(why, *packages):
    """Install system packages when we are root on a Debian-like system; else say what to type. "a|b" is a, or b where there is no a."""
    advice = "%s Please run: sudo apt-get update && sudo apt-get install %s" % (why, " ".join(package.split("|")[-1] for package in packages))
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(advice)
    quiet = {"env": dict(os.environ, DEBIAN_FRONTEND="noninteractive"), "stdout": subprocess.DEVNULL}
    try:
        apt_update()
        wanted = [next((name for name in package.split("|") if works("apt-cache", "show", name)), package.split("|")[-1]) for package in packages]
        say("Installing %s with apt-get" % ", ".join(wanted))
        run("apt-get", "-qq", "install", "--yes", "--no-install-recommends", *wanted, **quiet)
    except Missing as fault:
        raise Missing("%s (%s)" % (advice, fault)) from fault


def make_venv():
    """Create .venv, with uv when it is there, else with Python's own venv (a package of its own on Debian)."""
    if VENV_PYTHON.exists() and works(VENV_PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        return
    say("Creating the virtual environment .venv")
    if shutil.which("uv"):
        run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        return
    if not works(sys.executable, "-c", "import ensurepip, venv"):
        apt_install("Python's venv module is missing.", "python%d.%d-venv" % sys.version_info[:2])
    run(sys.executable, "-m", "venv", "--clear", VENV)


def mark_of_install():
    """What the installed packages hang on; a point release of Python (apt brings one along) needs no new environment."""
    return fingerprint(ROOT / "pyproject.toml", str(ROOT), "%d.%d" % sys.version_info[:2])


def is_installed(extras):
    mark = mark_of_install()
    return VENV_PYTHON.exists() and (is_stamped("test", mark) or is_stamped(extras, mark))


def install(extras):
    """Install the project and its dependencies into .venv; the test extras include everything the site needs."""
    if is_installed(extras):
        return
    make_venv()
    say("Installing Python packages (once; less than a minute)")
    target = ".[test]" if extras == "test" else "."
    if not install_with_uv(target):
        if not works(VENV_PYTHON, "-m", "pip", "--version"):
            run(VENV_PYTHON, "-m", "ensurepip", "--upgrade", stdout=subprocess.DEVNULL)
        run(VENV_PYTHON, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", "--editable", target)
    put_stamp(extras, mark_of_install())


def install_with_uv(target):
    """Install with uv, four times as fast as pip; uv itself comes by pip. False where that does not work: pip then says why."""
    own = VENV / "bin" / "uv"
    if not shutil.which("uv") and not own.exists():
        works(VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")
    uv = shutil.which("uv") or (own if own.exists() else None)
    return bool(uv) and works(uv, "pip", "install", "--python", VENV_PYTHON, "--editable", target, env=dict(os.environ, **settings_for_uv()))


def settings_for_uv():
    """Where pip was told to find packages, said to uv, which does not read pip's settings."""
    shown = subprocess.run([str(VENV_PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    told = {line.partition("=")[0].rpartition(".")[2]: line.partition("=")[2].strip("'\"") for line in shown.splitlines()}
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE"}
    best = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip: the newest of all indexes, not whatever the first has
    return best | {names[key]: value for key, value in told.items() if key in names and names[key] not in os.environ}


def compile_catalogues():
    """Turn translations/*.po into the .mo files the site reads."""
    sources = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    mark = fingerprint(*sources)
    if is_stamped("catalogues", mark) and all(source.with_suffix(".mo").exists() for source in sources):
        return
    run(VENV_PYTHON, ROOT / "tools" / "catalogues.py", "compile")
    put_stamp("catalogues", mark)


def has_cjk_font():
    return "Noto Sans CJK" in subprocess.run(["fc-list"], capture_output=True, text=True, check=False).stdout if shutil.which("fc-list") else False


def has_postgresql():
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def system_packages():
    """What the tests need beyond Python: a browser, a Chinese font, PostgreSQL's own programs (never a running server), a library."""
    lacking = []
    if not (os.environ.get("WISHAPP_TEST_BROWSER") or any(shutil.which(name) for name in BROWSERS)):
        lacking.append("chromium-headless-shell|chromium")  # the same engine without windows starts and draws faster
    if not has_cjk_font():
        lacking += ["fontconfig", "fonts-noto-cjk"]
    if not has_postgresql():
        lacking.append("postgresql")
    if not find_library("atomic"):
        lacking.append("libatomic1")  # Playwright's own Node.js is linked against it
    if lacking:
        apt_install("The tests need a browser, a Chinese font and PostgreSQL.", *lacking)


def main():
    purpose = sys.argv[1] if len(sys.argv) > 1 else ""
    if purpose not in ("run", "test"):
        print(__doc__)
        return 2
    try:
        use_new_enough_python()
        if not is_installed(purpose):
            make_venv()  # may need a system package itself, and those are installed one after the other
        with ThreadPoolExecutor() as beside:
            system = beside.submit(system_packages) if purpose == "test" else None
            install(purpose)
            compile_catalogues()
            if system:
                if not system.done():  # time enough to compile what every test process would compile for itself
                    works(VENV_PYTHON, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:xdist")
                system.result()
    except Missing as fault:
        print("\n%s\n" % fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
