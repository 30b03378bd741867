--- The statements of the workloads, which every peer sends as they are here.
return {
  POINT = "SELECT id,k,c,pad FROM sbtest WHERE id=?",
  POINT_NARROW = "SELECT id,k FROM sbtest WHERE id=?",
  NARROW = "SELECT id,a,b,s FROM big",
  WIDE = "SELECT * FROM wide",
  BLOB = "SELECT id,b FROM blobs WHERE id=?",
  INSERT = "INSERT INTO ins (a,b,s) VALUES (?,?,?)",
  CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'",
}
