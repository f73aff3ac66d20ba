//! nginx, set up for streams: one process, no buffering, connections to the API that are used again, nothing logged.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Kind, Setting, Started};
use crate::calls::Target;
use crate::process::Process;

/// The `nginx` of the machine.
pub const KIND: Kind = Kind { name: "nginx", start };

/// `master_process off` makes the one worker the whole of it, so that one process has all of its CPU time and memory.
const CONFIGURATION: &str = "\
worker_processes 1;
master_process off;
pid nginx.pid;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream api {
        server {upstream};
        keepalive 1024;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }
    server {
        listen {listen};
        location / {
            proxy_pass http://api;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_buffering off;
            proxy_read_timeout 1h;
        }
    }
}
";

/// Its version, such as `nginx/1.22.1`; says how to get it where it is missing.
pub fn version() -> Result<String> {
    let output = Command::new("nginx").arg("-v").output();
    let output = output.context("nginx is not installed; on Debian: sudo apt-get install nginx")?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok(said.rsplit(": ").next().unwrap_or_default().to_owned())
}

fn start(setting: &Setting) -> Result<Started> {
    // nginx takes no port 0: one that is free now will be a moment later.
    let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let configuration = CONFIGURATION
        .replace("{upstream}", &setting.upstream.to_string())
        .replace("{listen}", &address.to_string());
    let file = setting.folder.join("nginx.conf");
    fs::write(&file, configuration)?;
    let mut command = Command::new("nginx");
    // `-e`: before it has read the file it would write to the machine's own log.
    command.args(["-g", "daemon off;", "-e", "stderr", "-p"]).arg(setting.folder).arg("-c").arg(file);
    let process = Process::start(command, setting.folder.join("errors"))?;
    wait_for(address, &process)?;
    Ok((Target { address, prefix: "" }, Some(process)))
}

fn wait_for(address: SocketAddr, process: &Process) -> Result<()> {
    for _ in 0..500 {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(10));
    }
    bail!("nginx does not listen: {}", process.said())
}
