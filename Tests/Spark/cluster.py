"""A real Spark cluster on loopback: a standalone master and workers, each a process of its own."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request


def spark_home(python):
    """Where the pyspark of a python3 lies."""
    text = subprocess.run([python, "-c", "import pyspark; print(pyspark.__path__[0])"], check=True,
                          capture_output=True, text=True).stdout
    return pathlib.Path(text.strip())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """Ends all that it started, and all that those started, on `close`."""

    def __init__(self, folder, python, workers=2, cores=1, memory="1g"):
        self.folder, self.home, self.processes = folder, spark_home(python), []
        self.python, self.cores, self.memory = python, cores, memory
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ, "SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_PUBLIC_DNS": "127.0.0.1", "PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": python,
            "SPARK_LOCAL_DIRS": str(folder / "local"), "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_LOG_DIR": str(folder), "SPARK_CONF_DIR": str(folder)}
        self.port, self.web = free_port(), free_port()
        self.url = f"spark://127.0.0.1:{self.port}"
        self.start("master", "master.Master", "--host", "127.0.0.1", "--port", self.port,
                   "--webui-port", self.web)
        self.wait(lambda: self.state() is not None, "the master does not answer")
        self.workers = [self.add_worker(number) for number in range(workers)]
        self.wait(lambda: self.alive() >= workers, "the workers do not come")

    def start(self, name, kind, *arguments):
        log = open(self.folder / f"{name}.log", "w", encoding="utf-8")
        process = subprocess.Popen(
            [self.home / "bin/spark-class", f"org.apache.spark.deploy.{kind}", *map(str, arguments)],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd=self.folder)
        self.processes.append(process)
        return process

    def add_worker(self, number):
        return self.start(
            f"worker-{number}", "worker.Worker", "--host", "127.0.0.1", "--port", free_port(),
            "--webui-port", free_port(), "--cores", self.cores, "--memory", self.memory,
            "--work-dir", self.folder / f"worker-{number}", self.url)

    def state(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/json/", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def alive(self):
        return (self.state() or "").count('"ALIVE"') - 1  # the master itself is one

    def wait(self, condition, what, seconds=90):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.show_logs()
                raise TimeoutError(what)
            time.sleep(0.1)

    def show_logs(self):
        for log in sorted(self.folder.glob("*.log")):
            print(f"--- {log.name}", log.read_text(errors="replace")[-2000:], sep="\n", file=sys.stderr)

    def executors(self, worker=None):
        """Process ids of the executors (of a worker)."""
        groups = [w.pid for w in (self.workers if worker is None else [self.workers[worker]])]
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                if b"CoarseGrainedExecutorBackend" in command and os.getsid(int(pid)) in groups:
                    found.append(int(pid))
            except OSError:
                pass
        return found

    def kill_worker(self, number):
        """As when a machine is lost: the worker, its executor and all that it runs, at once."""
        kill_session(self.workers[number].pid)

    def kill_executor(self, number):
        """The executor alone: what it had started is orphaned and goes on."""
        for pid in self.executors(number):
            os.kill(pid, signal.SIGKILL)

    def close(self):
        for process in self.processes:
            kill_session(process.pid)
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.folder / "local", ignore_errors=True)


def kill_session(session):
    """All processes of a session, again until none is left."""
    for _ in range(50):
        left = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getsid(int(pid)) == session and is_running(pid):
                    os.kill(int(pid), signal.SIGKILL)
                    left += 1
            except OSError:
                pass
        if not left:
            return
        time.sleep(0.05)


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
