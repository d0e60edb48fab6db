import Foundation

/// Small files of each form that pictures have, written by Pillow.
enum ExampleImages {
  /// 5 by 4 pixels: red 60 x, green 80 y, blue 30 (x + y).
  static let png = bytes(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAIAAADJUWIXAAAAGklEQVR42mNkYGCwYZCDIxaGADkGBgQixAcAk6oEKM5juKMAAAAA"
      + "SUVORK5CYII=")

  /// The same in 8 colours, of which the first is transparent.
  static let palettePNG = bytes(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAMAAAC0HehzAAAAGFBMVEW08LS0oJYe8GkeoEu0UHgeUC20AFoeAA8zmJhsAAAAAXRS"
      + "TlMAQObYZgAAABlJREFUeJxjLH//i+Xe+z8s9+79Z1BiYAAATZAIEBJRHXIAAAAASUVORK5CYII=")

  /// 3 by 2 grey pixels of 16 bits.
  static let deepPNG = bytes(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAAAAADoj+WFAAAAFklEQVR4nGNgYEhJ+f+fgaGBnb3UAAAc/AP6a5SMhQAAAABJRU5E"
      + "rkJggg==")

  /// 16 by 8 pixels: red 16 x, green 30 y, blue 255 − 16 x.
  static let jpeg = bytes(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoK"
      + "CgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK"
      + "CgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABkQAAEFAAAAAAAAAAAAAAAAAAAGCSYy"
      + "o//EABUBAQEAAAAAAAAAAAAAAAAAAAgJ/8QAGREAAQUAAAAAAAAAAAAAAAAABwAjM0FR/9oADAMBAAIRAxEAPwATRLX1I9kN0xFu"
      + "RzbR+FRyjdy0volr6keyJUmItyObapUKjlG7lr//2Q==")

  /// The red of it, in grey.
  static let greyJPEG = bytes(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
      + "FRUVDA8XGBYUGBIUFRT/wAALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAACAn/xAAXEAADAQAAAAAAAAAAAAAAAAAACESB"
      + "/9oACAEBAAA/AB+tsuFVVtlw/9k=")

  /// The same for printers.
  static let cmykJPEG = bytes(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdo"
      + "Zz5NcXlwZHhcZWdj/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EABcAAAMBAAAAAAAAAAAAAAAAAAAGBwT/xAAZEAEAAgMAAAAAAAAA"
      + "AAAAAAAABUIWY6H/2gAOBEMATQBZAEsAAD8AW4SrHiOvhkm7KAoEJUYjr4n03YP/2Q==")

  /// As `png`, transparent for x > 2; lossless.
  static let webp = bytes(
    "UklGRiwAAABXRUJQVlA4TCAAAAAvBMAAELkKRPQ/dhHR/zAQCEI00f9DLjA89ZiAnG6FBg==")

  /// Two pictures.
  static let animatedWebP = bytes(
    "UklGRuYAAABXRUJQVlA4WAoAAAACAAAABAAAAwAAQU5JTQYAAAAAAAAAAABBTk1GWAAAAAAAAAAAAAQAAAMAAGQAAAJWUDggQAAA"
      + "AFABAJ0BKgUABAAHQJYlsAAFjAAA/uncxPQP/kV+MZYv/6bX/4X7X43X43X5Bq9PLQCR9E9oa03qguIEc/WigABBTk1GWgAAAAAA"
      + "AAAAAAQAAAMAAGQAAABWUDggQgAAAFQBAJ0BKgUABAAAAJYlsAAEdAAA/utZvPRP/hb9mW6v/6EH/cDvX0nX0nX0xZM/ah+nRoTt"
      + "tPz9sLh0W/bKF4AAAA==")

  private static func bytes(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text) ?? Data()) }
}
