#!/usr/bin/env python3
"""installed.py BUILD: installs the MLS library of a build folder into a temporary one, and is a stranger
there: compiles the guide's examples with nothing but pkg-config, as C11, C17 and C++17, by gcc and clang,
against the shared libraries and the archives, runs them, and looks at what the libraries show.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import examples

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMPILERS = (("gcc", "c11"), ("gcc", "c17"), ("clang", "c11"), ("g++", "c++17"), ("clang++", "c++17"))
# What no consumer is to find: hooks of test builds, marks of the constant-time check.
PRIVATE_HEADERS = ("ic/mls/testhook.h", "ic/base/ct.h")
PUBLIC_ONLY = ("observer",)  # built with incamera-mls-public alone


class Stranger:
    def __init__(self, build, place):
        self.place = place
        self.passed = self.failed = self.skipped = 0
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--tags", "mls,devel",
                        "--destdir", place], check=True, stdout=subprocess.DEVNULL)
        found = glob.glob(place + "/**/pkgconfig", recursive=True)
        self.env = dict(os.environ, PKG_CONFIG_LIBDIR=found[0] if found else "/nowhere")
        self.prefix = os.path.dirname(os.path.dirname(found[0])) if found else place  # PREFIX/lib/pkgconfig
        self.run_env = dict(os.environ, LD_LIBRARY_PATH=self.prefix + "/lib")

    def count(self, what, fault):
        self.passed += not fault
        self.failed += bool(fault)
        if fault:
            print("FAIL %s: %s" % (what, fault))

    def flags(self, package, *how):
        done = subprocess.run(["pkg-config", *how, package], env=self.env, check=True,
                              capture_output=True, text=True)
        return done.stdout.split()

    def headers(self):
        include = self.prefix + "/include"
        return sorted(os.path.relpath(h, include) for h in glob.glob(include + "/ic/**/*.h", recursive=True))

    def compile(self, compiler, standard, source, out, cflags, libs):
        """None, or what the compiler said. Warnings count: they would be the consumer's."""
        command = [compiler, "-std=" + standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", *cflags,
                   "-I" + self.place, source, "-o", out, *libs]
        done = subprocess.run(command, capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr.strip() or "exit status %d" % done.returncode

    def try_one(self, compiler, standard, name, how):
        package = "incamera-mls-public" if name in PUBLIC_ONLY else "incamera-mls"
        libs = self.flags(package, "--libs", *(["--static"] if how != "shared" else []))
        if how == "static":
            libs.insert(0, "-static")
        if how == "archives":  # ours from archives, the system's shared
            libs = [l if not l.startswith("-lincamera") else "-l:lib%s.a" % l[2:] for l in libs]
        cc = standard.startswith("c++")
        source = ROOT + ("/tests/package/everything.cc" if cc else "/examples/mls/%s.c" % name)
        out = os.path.join(self.place, "%s-%s-%s-%s" % (name, compiler, standard, how))
        fault = self.compile(compiler, standard, source, out, self.flags(package, "--cflags"), libs)
        if not fault:
            fault = examples.run("everything" if cc else name, out,
                                 self.run_env if how == "shared" else None)
        self.count("%s, %s -std=%s, %s" % (name, compiler, standard, how), fault)

    def try_examples(self):
        names = sorted(os.path.basename(p)[:-2] for p in glob.glob(ROOT + "/examples/mls/*.c"))
        whole = have_static_libcrypto()
        for compiler, standard in COMPILERS:
            if not shutil.which(compiler):
                print("skipped: there is no %s" % compiler)
                self.skipped += 1
                continue
            for name in ["everything"] if standard.startswith("c++") else names:
                self.try_one(compiler, standard, name, "shared")
                if standard == "c17" or name == "everything":
                    self.try_one(compiler, standard, name, "archives")
                if standard == "c17" and name == "chat" and whole:
                    self.try_one(compiler, standard, name, "static")
        if not whole:
            print("skipped: there is no libcrypto.a")
            self.skipped += 1

    def exported(self, library):
        out = subprocess.run(["nm", "-D", "--defined-only", "%s/lib/%s.so" % (self.prefix, library)],
                             check=True, capture_output=True, text=True).stdout
        rows = [line.split() for line in out.splitlines()]
        return {row[2].split("@")[0] for row in rows if len(row) == 3 and row[1] != "A"}

    def declared(self):
        """Functions that the installed headers declare and do not define."""
        text = subprocess.run(["gcc", "-std=c17", "-E", "-P", "-I" + self.prefix + "/include", "-I" + self.place,
                               "-x", "c", self.place + "/all-headers.h"], check=True, capture_output=True, text=True).stdout
        text = re.sub(r"#pragma[^\n]*", ";", text)
        while True:  # bodies and member lists away, innermost first
            less = re.sub(r"\{[^{}]*\}", ";", text)
            if less == text:
                break
            text = less
        names = set()
        for statement in text.split(";"):
            found = re.search(r"\b(ic_\w+)\s*\(", statement)
            if found and "typedef" not in statement and "static" not in statement:
                names.add(found.group(1))
        return names

    def try_symbols(self):
        declared = self.declared()
        public, member = self.exported("libincamera-mls-public"), self.exported("libincamera-mls")
        if os.path.exists(self.prefix + "/lib/libincamera-mls-sqlite.so"):
            kept = self.exported("libincamera-mls-sqlite")
            self.count("the store shows nothing else", [n for n in kept if not n.startswith("ic_mls_sqlite_")])
            declared -= kept
        self.count("every name that is shown is declared", sorted((public | member) - declared))
        self.count("every function that is declared is shown", sorted(declared - public - member))
        self.count("the public library shows nothing of members", [n for n in public if n.startswith("ic_mls_")])
        self.count("the member's library shows nothing else", [n for n in member if not n.startswith("ic_mls_")])

    def try_files(self):
        headers = self.headers()
        self.count("private headers stay at home", [h for h in headers if h in PRIVATE_HEADERS])
        self.count("there are headers", [] if len(headers) > 25 else headers)
        for library in ("libincamera-mls", "libincamera-mls-public"):
            out = subprocess.run(["readelf", "-d", "%s/lib/%s.so" % (self.prefix, library)],
                                 check=True, capture_output=True, text=True).stdout
            version = self.flags("incamera-mls", "--modversion")[0]
            want = "[%s.so.%s]" % (library, version.rsplit(".", 1)[0])
            self.count(library + " has a soname", None if want in out else "no " + want)


def have_static_libcrypto():
    done = subprocess.run(["gcc", "-print-file-name=libcrypto.a"], capture_output=True, text=True)
    return os.path.isabs(done.stdout.strip())


def main():
    with tempfile.TemporaryDirectory() as place:
        stranger = Stranger(sys.argv[1], place)
        with open(place + "/all-headers.h", "w", encoding="utf-8") as out:
            out.writelines("#include <%s>\n" % h for h in stranger.headers())
        stranger.try_files()
        stranger.try_symbols()
        stranger.try_examples()
    print("%d passed, %d failed%s" % (stranger.passed, stranger.failed,
                                      ", %d skipped" % stranger.skipped if stranger.skipped else ""))
    return 1 if stranger.failed or not stranger.passed else 0


if __name__ == "__main__":
    sys.exit(main())
