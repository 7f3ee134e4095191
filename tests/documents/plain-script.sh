#!/bin/bash -xe
exec > >(tee /var/log/user-data.log | logger -t user-data) 2>&1
dnf install -y httpd
echo "<h1>$(hostname -f)</h1>" > /var/www/html/index.html
systemctl enable --now httpd
