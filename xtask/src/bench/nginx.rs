//! nginx, for what goes over TLS.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::machine::{self, SERVER_CORE};
use super::programs::SERVER;
use super::server;
use crate::process::{self, Running};
use crate::tools;
use crate::workspace::{Profile, Workspace};

const START_LIMIT: Duration = Duration::from_secs(10);

/// What a port of it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// HTTP/1.1.
    Http1,
    /// HTTP/1.1 and HTTP/2.
    Http2,
}

/// nginx, with the page as a file. One port offers HTTP/1.1, the other HTTP/2 too.
pub struct Nginx {
    ports: [u16; 2],
    authority: PathBuf,
    _process: Running,
}

impl Nginx {
    /// Starts it on the server's core and waits until it listens.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        for (program, package) in [("nginx", "nginx"), ("openssl", "openssl")] {
            let is_there =
                || process::output(process::command(workspace, program).arg(version_of(program))).is_ok();
            if !(is_there() || tools::install_in_ci(workspace, package) && is_there()) {
                bail!(
                    "missing: {program} (get it: apt-get install {package}), or leave out what goes over TLS"
                );
            }
        }
        let folder = workspace.made("bench/nginx");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("pages"))?;
        let mut page = process::command(workspace, workspace.built_as(Profile::Release, SERVER));
        fs::write(folder.join("pages/page.json"), process::output(page.arg("--page"))?)?;
        let authority = certify(workspace, &folder)?;
        let ports = [free_port()?, free_port()?];
        fs::write(folder.join("nginx.conf"), configuration(&folder, ports))?;
        let mut nginx = process::command(workspace, "nginx");
        nginx.arg("-p").arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
        let mut nginx = machine::pinned(workspace, SERVER_CORE, nginx);
        nginx.stderr(process::create(&workspace.log("bench-nginx"))?);
        let process = Running::start(&mut nginx)?;
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", ports[1])).is_err() {
            if start.elapsed() > START_LIMIT {
                bail!("nginx did not start; see {}", workspace.log("bench-nginx").display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { ports, authority, _process: process })
    }

    /// Gives a program its address, and how to trust it.
    pub fn configure(&self, command: &mut Command, offer: Offer) {
        let port = match offer {
            Offer::Http1 => self.ports[0],
            Offer::Http2 => self.ports[1],
        };
        server::configure(command, &format!("https://127.0.0.1:{port}"));
        command.env("AGGLESTONE_CA_FILE", &self.authority).env("NODE_EXTRA_CA_CERTS", &self.authority);
    }
}

fn version_of(program: &str) -> &'static str {
    if program == "nginx" { "-v" } else { "version" }
}

/// A port that nobody listens on now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// An authority and what it signed for this machine; gives the authority's certificate.
fn certify(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    let openssl = |arguments: &str| {
        let mut openssl = process::command(workspace, "openssl");
        openssl.args(arguments.split(' ')).current_dir(folder);
        process::quiet(workspace, "bench-openssl", &mut openssl)
    };
    fs::write(folder.join("server.ext"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")?;
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc";
    openssl(&format!(
        "req -x509 {key} -days 30 -subj /CN=bench-authority -keyout ca.key -out ca.pem \
         -addext keyUsage=critical,keyCertSign"
    ))?;
    openssl(&format!("req {key} -subj /CN=127.0.0.1 -keyout server.key -out server.csr"))?;
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext -out server.pem",
    )?;
    Ok(folder.join("ca.pem"))
}

fn configuration(folder: &Path, [http1, http2]: [u16; 2]) -> String {
    let folder = folder.display();
    // Its default of 1,000 requests a connection would have every client connect anew all the time.
    format!(
        "daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  http2_max_concurrent_streams 1024;
  open_file_cache max=10;
  tcp_nopush off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/server.pem;
  ssl_certificate_key {folder}/server.key;
  server {{
    listen 127.0.0.1:{http1} ssl backlog=4096;
    listen 127.0.0.1:{http2} ssl http2 backlog=4096;
    root {folder}/pages;
    location / {{
      default_type application/json;
      try_files /page.json =404;
    }}
  }}
}}
"
    )
}
